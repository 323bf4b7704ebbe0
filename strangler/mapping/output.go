package mapping

import (
	"github.com/google/uuid"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// Input is a row of a map's root table and what belongs to it.
type Input struct {
	Installation uuid.UUID      // name space of all ids that are made
	Row          source.Row     // of the map's table
	Joined       [][]source.Row // for each of Map.Joins, its rows in their declared order
}

// Output is what a row became. Exactly one of Targets, Filtered and Refused says so.
type Output struct {
	Targets  []Target  // the owner of the row first
	Filtered string    // reason, from the closed list, why the row is left out; its children go with it
	Refused  *Refusal  // why the row, with its children, belongs into quarantine
	Findings []Finding // odd data that was taken anyway
	Codes    int       // how many codes were looked up in terminology maps
}

// Target is one resource or record. Of a resource, ID and resourceType stand in Resource too; meta holds no version.
type Target struct {
	Slot     string        // name of the target in its map; tells the targets of a row apart
	Type     string        // resource type, or module and kind of a record: "caregivers.SecurityAnswer"
	ID       string        // UUIDv5 of installation, table and key
	Resource fhir.Resource // zero for a record
	Record   *Record       // nil for a resource
}

// Record is a row of a module's own bookkeeping, its values as text: numbers in decimal, instants in RFC 3339 UTC with
// microseconds, booleans "true" and "false"; nil is NULL.
type Record struct{ Values map[string]*string }

// Refusal is why a row was not taken.
type Refusal struct {
	Rule  string // file, line and column of the rule: "patient.yaml:31:5"
	Path  string // table and column: "OpalDB.Patient.Sex"
	Code  string // what refused: see the codes of Finding
	Text  string // for people; holds no value of the row
	Value string // the value at fault, of a column that the map declares as not sensitive; else ""
	Open  bool   // it is a code that the terminology map lacks, and the rule does not say what becomes of such a code
}

// Finding is something odd in a row that was taken anyway.
type Finding struct {
	Rule  string // file, line and column of the rule
	Path  string // table and column
	Code  string // see the constants
	Value string // the value, of a column that the map declares as not sensitive; else ""
}

// Codes of findings and refusals.
const (
	AsIs       = "as-is"       // the element cannot hold the value; it is kept beside it as the source wrote it
	Inexact    = "inexact"     // the element holds less than the value: a time of day behind a date, a code that shares its meaning
	Damaged    = "damaged"     // text that is not valid in its character set
	Unmapped   = "unmapped"    // a code that the terminology map does not have
	Gap        = "gap"         // a local time that a change of clocks skipped
	Orphan     = "orphan"      // a reference to a row that is not there
	Unexpected = "unexpected"  // not of the form that the map expects
	Unproved   = "unproved"    // a reason to drop or filter does not hold for this row
	Failed     = "failed"      // an expression gave an error
	Unfit      = "unfit"       // the element cannot hold the value, and the map says quarantine
	NotInverse = "not-inverse" // mapping the result back does not give the row
)
