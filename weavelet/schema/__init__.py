"""What a collection is: values and rules, without a database, a module or a wire. Imports only `weavelet.errors`."""
