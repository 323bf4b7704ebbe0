package source

import (
	"strings"
	"sync"
)

// ForeignKey says that Columns name a row of RefTable.
type ForeignKey struct {
	Name        string
	Columns     []string
	RefDatabase string // "" is the table's own
	RefTable    string
	RefColumns  []string
	OnDelete    string // "cascade", "set null", "restrict", "no action"; "" where not said
	OnUpdate    string
}

// Table is the declaration of a table. It is not changed after its first use; all methods may be called at the same time.
type Table struct {
	Database, Name  string
	Columns         []Column
	PrimaryKey      []string
	Unique          [][]string
	ForeignKeys     []ForeignKey
	SystemVersioned bool   // keeps the history of its rows (MariaDB)
	Zone            string // time zone in which TIMESTAMP values are written: "+00:00"; "" is the source's local time
	Comment         string

	once  sync.Once
	shape shape
}

// shape is what the methods need to know of a table, computed once.
type shape struct {
	classes []Class
	derived []bool // computed by the database
	byName  map[string]int
	key     []int
	rowEnd  int // index of the column where a version of the row ends, -1 without
}

// String is the table's full name: "OpalDB.Patient".
func (t *Table) String() string {
	if t.Database == "" {
		return t.Name
	}
	return t.Database + "." + t.Name
}

// Index is the place of a column, found without regard to case as MySQL does; ok is false if there is none.
func (t *Table) Index(column string) (i int, ok bool) {
	byName := t.shaped().byName
	if i, ok = byName[column]; !ok {
		i, ok = byName[strings.ToLower(column)]
	}
	return i, ok
}

// Indexes are the places of several columns; ok is false if one is not there.
func (t *Table) Indexes(columns []string) (at []int, ok bool) {
	for _, name := range columns {
		i, found := t.Index(name)
		if !found {
			return nil, false
		}
		at = append(at, i)
	}
	return at, true
}

// KeyColumns are the places of the columns that tell rows apart: the primary key, else the first unique key without
// nullable columns, else none. The end of a version is left out, so that a key outlives a change of its row.
func (t *Table) KeyColumns() []int { return t.shaped().key }

// Class is the class of column i.
func (t *Table) Class(i int) Class { return t.shaped().classes[i] }

// Versions returns the place of the column in which a version of a row ends, -1 if the table keeps no history.
func (t *Table) Versions() int { return t.shaped().rowEnd }

// With is a copy of t that change has changed.
func (t *Table) With(change func(*Table)) *Table {
	n := &Table{Database: t.Database, Name: t.Name, Columns: append([]Column(nil), t.Columns...), PrimaryKey: t.PrimaryKey,
		Unique: t.Unique, ForeignKeys: t.ForeignKeys, SystemVersioned: t.SystemVersioned, Zone: t.Zone, Comment: t.Comment}
	change(n)
	return n
}

func (t *Table) shaped() *shape {
	t.once.Do(func() {
		t.shape = shape{byName: make(map[string]int, 2*len(t.Columns)), rowEnd: -1}
		for i := range t.Columns {
			t.shape.add(i, &t.Columns[i])
		}
		t.shape.key = t.keyColumns(&t.shape)
	})
	return &t.shape
}

func (s *shape) add(i int, c *Column) {
	s.classes, s.derived = append(s.classes, c.Class()), append(s.derived, c.Generated != "")
	if lower := strings.ToLower(c.Name); lower != c.Name {
		s.byName[lower] = i
	}
	s.byName[c.Name] = i
	if c.Generated == "row end" {
		s.rowEnd = i
	}
}

func (t *Table) keyColumns(s *shape) []int {
	if key := s.places(t.PrimaryKey); key != nil {
		return key
	}
	for _, unique := range t.Unique {
		if key := s.places(unique); key != nil && !t.anyNullable(key) {
			return key
		}
	}
	return nil
}

// places are the places of the named columns but the end of a version; nil if a name is unknown.
func (s *shape) places(columns []string) (at []int) {
	for _, name := range columns {
		i, ok := s.byName[name]
		if !ok {
			i, ok = s.byName[strings.ToLower(name)]
		}
		if !ok {
			return nil
		}
		if i != s.rowEnd {
			at = append(at, i)
		}
	}
	return at
}

func (t *Table) anyNullable(at []int) bool {
	for _, i := range at {
		if t.Columns[i].Nullable {
			return true
		}
	}
	return false
}
