package scenarios

import _ "embed" // schema.json

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema of a scenario file, for editors. It is generated from
// the file's types; a test keeps it up to date and rewrites it with -update.
func Schema() []byte { return schema }
