FROM python:3.12-slim
WORKDIR /src
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY weavelet ./weavelet
RUN pip install --no-cache-dir ".[embedded]" && useradd --create-home weavelet \
    && mkdir -p /var/lib/weaviate /var/lib/models && chown weavelet /var/lib/weaviate /var/lib/models
USER weavelet
ENV WEAVELET_HOST=0.0.0.0 PERSISTENCE_DATA_PATH=/var/lib/weaviate
EXPOSE 8080 50051 8000
ENTRYPOINT ["weavelet"]
CMD ["serve"]
