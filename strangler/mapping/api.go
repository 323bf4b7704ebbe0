package mapping

import (
	"errors"
	"io/fs"

	"github.com/ficushealth/ficus/strangler/source"
)

// Pack is a set of maps for one legacy system. It is safe for concurrent use.
type Pack struct{}

// Load reads the pack in dir: pack.yaml, every other *.yaml file as a map, terms/*.csv. The error joins all problems.
func Load(fsys fs.FS, dir string) (*Pack, error) { return nil, errors.New("not yet") }

// Bind makes the pack ready for the tables of a source. Problems that are not warnings forbid to use it.
func (p *Pack) Bind(tables []*source.Table) (*Pack, []Problem) { return p, nil }

// Maps are the maps in an order in which a map stands behind those that it refers to, where that is possible.
func (p *Pack) Maps() []*Map { return nil }

// Hash names the content: "blake3:" and the hash of files, terms and version of the language in hex.
func (p *Pack) Hash() string { return "" }

// Covered are the tables that the pack accounts for, each once.
func (p *Pack) Covered() []Covered { return nil }

// Wants are all tables that must be read, covered or looked up, with the columns by which their rows are found.
func (p *Pack) Wants() []Want { return nil }

// Covered says which map accounts for the rows of a table.
type Covered struct {
	Table string // "OpalDB.Patient"
	Map   string
	Child string // name of the join if the rows are children of the map's rows; "" for a root
}

// Want is a table to be read.
type Want struct {
	Table string
	Root  bool   // rows are asked for in the order of the key
	By    []Find // and found by these columns
}

// Find says by which columns rows are found and in which order they come.
type Find struct{ Columns, Order []string }

// Map is one root table and what becomes of its rows.
type Map struct {
	Name, Table string
	Joins       []Join
	Targets     []TargetInfo
}

// Join is a table whose rows come with each row of the root.
type Join struct {
	Name, Table   string
	Columns, From []string // columns of the joined table, and those of the root with the same values
	Order         []string
	Owned         bool // the rows are children, accounted for by this map; else they are only looked at
	One           bool // at most one row
}

// TargetInfo is what a map can yield.
type TargetInfo struct {
	Slot string
	Type string // resource type or record
}

// Forward maps a row. An error is a mistake of the caller: a row of another table, joins that do not match.
func (m *Map) Forward(in Input) (Output, error) { return Output{}, errors.New("not yet") }

// Inverse gives back the rows that the targets came from, the root first, then the children of each owned join in order,
// comparable by source.Canonical. A target that is missing counts as empty. fault.Unprocessable if there is no way back.
func (m *Map) Inverse(targets []Target) ([]source.Row, error) { return nil, errors.New("not yet") }

// Problem is a mistake in a pack.
type Problem struct {
	File      string
	Line, Col int
	Text      string // what is wrong and what to do
	Warning   bool
}
