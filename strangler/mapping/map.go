package mapping

import (
	"sync"

	"github.com/ficushealth/ficus/strangler/source"
)

// Map is one root table and what becomes of its rows.
type Map struct {
	Name, Table string
	Joins       []Join
	Targets     []TargetInfo

	pack    *Pack
	at      place
	table   *source.Table
	rowType *rowType
	id      []int // columns of the id
	joins   []join
	filters []filter
	cases   []*kase
	refers  []string // maps that it refers to
	pool    *sync.Pool
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

// Source is the declaration of the map's table: the one of the pack's schema if the source does not have it.
func (m *Map) Source() *source.Table { return m.table }

// join is a Join made ready.
type join struct {
	name    string
	table   *source.Table
	rowType *rowType
	owned   bool
	one     bool
	columns []int // of the joined table
	from    []int // of the root
}

type filter struct {
	when, proof *program
	reason      string
}

// kase is what becomes of the rows for which its condition holds and that of no case before it.
type kase struct {
	name    string
	when    *program // nil: always
	targets []*target
	drops   []*drop
	none    []int // children that the case does not have
}

type target struct {
	slot   string
	typ    string
	suffix string // in the id, where another target of the row has the same type
	record bool
	when   *program // nil: always
	scope  *scope
	at     place
}

// scope is a set of rules over the cells of one row: of a target, or of an item that a child's row becomes.
type scope struct {
	table   *source.Table
	root    *branch // of a resource
	fields  []field // of a record
	slots   int
	lenses  []*lens
	derives []*derive
	eachs   []*each
	routes  []route // to the array of each of eachs
}

// field is a field of a record.
type field struct {
	name   string
	slot   int
	shared bool // by rules that each have a condition
}

// derive is an element that is computed and has no way back, or a constant with a condition.
type derive struct {
	constant []byte
	when     *program // nil: always
	at       place
	path     string // the element
	prog     *program
	slot     int
	number   bool // the element is no string
	valid    func([]byte) bool
	ref      *refer
}

// drop is a column that is left behind, and the proof that it may be.
type drop struct {
	at       place
	path     string
	reason   string
	join     int // -1: the root
	index    int
	always   source.Cell
	constant bool // always says what the column holds
	equal    *program
	lens     lens // to compare values
}
