package zdict

import _ "embed"

// R4ID is the number of the dictionary R4 in zstd frames.
const R4ID = 252447489

//go:embed r4.dict
var r4 string

// R4 is the dictionary for FHIR R4 resources as JSON.
func R4() []byte { return []byte(r4) }
