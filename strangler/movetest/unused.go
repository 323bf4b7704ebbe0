package movetest

import "github.com/ficushealth/ficus/strangler/source"

// unused is a table that the pack does not cover.
func unused() *source.Table {
	return &source.Table{Database: "Clinic", Name: "Unused", Columns: []source.Column{{Name: "id", Type: "int", Full: "int"}}, PrimaryKey: []string{"id"}}
}
