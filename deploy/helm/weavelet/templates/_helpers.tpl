{{- define "weavelet.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "weavelet.labels" -}}
app.kubernetes.io/name: weavelet
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "weavelet.image" -}}
{{- $image := .Values.image -}}
{{- if $image.registry }}{{ $image.registry }}/{{ end }}{{ $image.repo }}:{{ $image.tag }}
{{- end -}}

{{/* The containers there are: name, variable of the server, values. As YAML, for fromYaml. */}}
{{- define "weavelet.containers" -}}
{{- $vectors := index .Values.modules "text2vec-transformers" -}}
{{- $pair := $vectors.passageQueryServices -}}
{{- $reranker := index .Values.modules "reranker-transformers" -}}
containers:
{{- if $vectors.enabled }}
  - name: text2vec-transformers
    variable: TRANSFORMERS_INFERENCE_API
    values: {{ toJson $vectors }}
{{- else if not $vectors.inferenceUrl }}
{{- if $pair.passage.enabled }}
  - name: text2vec-transformers-passage
    variable: TRANSFORMERS_PASSAGE_INFERENCE_API
    values: {{ toJson $pair.passage }}
{{- end }}
{{- if $pair.query.enabled }}
  - name: text2vec-transformers-query
    variable: TRANSFORMERS_QUERY_INFERENCE_API
    values: {{ toJson $pair.query }}
{{- end }}
{{- end }}
{{- if $reranker.enabled }}
  - name: reranker-transformers
    variable: RERANKER_INFERENCE_API
    values: {{ toJson $reranker }}
{{- end }}
{{- end -}}

{{/* The servers elsewhere that modules ask, by the variable that says where they are. */}}
{{- define "weavelet.addresses" -}}
{{- $vectors := index .Values.modules "text2vec-transformers" -}}
{{- $pair := $vectors.passageQueryServices -}}
{{- $reranker := index .Values.modules "reranker-transformers" -}}
{{- if not $vectors.enabled }}
{{- with $vectors.inferenceUrl }}
TRANSFORMERS_INFERENCE_API: {{ . | quote }}
{{- else }}
{{- if and $pair.passage.inferenceUrl (not $pair.passage.enabled) }}
TRANSFORMERS_PASSAGE_INFERENCE_API: {{ $pair.passage.inferenceUrl | quote }}
{{- end }}
{{- if and $pair.query.inferenceUrl (not $pair.query.enabled) }}
TRANSFORMERS_QUERY_INFERENCE_API: {{ $pair.query.inferenceUrl | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $reranker.inferenceUrl (not $reranker.enabled) }}
RERANKER_INFERENCE_API: {{ $reranker.inferenceUrl | quote }}
{{- end }}
{{- end -}}

{{/* ENABLE_MODULES: what env says, other modules that are enabled, and those that have a container or an address. */}}
{{- define "weavelet.modules" -}}
{{- $names := list -}}
{{- range splitList "," (.Values.env.ENABLE_MODULES | default "") }}
{{- with trim . }}{{ $names = append $names . }}{{ end }}
{{- end }}
{{- range $name, $values := .Values.modules }}
{{- if kindIs "map" $values }}
{{- if $values.enabled }}{{ $names = append $names $name }}{{ end }}
{{- end }}
{{- end }}
{{- $addresses := include "weavelet.addresses" . | fromYaml -}}
{{- range $container := (include "weavelet.containers" . | fromYaml).containers }}
{{- $addresses = set $addresses $container.variable "" }}
{{- end }}
{{- range $variable, $_ := $addresses }}
{{- $names = append $names (ternary "reranker-transformers" "text2vec-transformers" (hasPrefix "RERANKER" $variable)) }}
{{- end }}
{{- $names | uniq | join "," -}}
{{- end -}}
