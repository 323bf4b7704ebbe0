package opal

import (
	"embed"

	"github.com/ficushealth/ficus/strangler/mapping"
)

//go:embed *.yaml terms/*.csv golden/*.yaml
var files embed.FS

// Pack is the mapping of OpalDB, ready for the tables of schema.yaml; Bind makes it ready for a source.
func Pack() (*mapping.Pack, error) { return mapping.Load(files, ".") }

// Golden are rows of made-up people and what they must become.
func Golden() ([]mapping.Example, error) { return mapping.Examples(files, "golden") }
