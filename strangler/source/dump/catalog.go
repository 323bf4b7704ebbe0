package dump

import (
	"slices"

	"github.com/ficushealth/ficus/strangler/source"
)

// catalog is what the dump declares.
type catalog struct {
	database  string            // of names without one
	charsets  map[string]string // default character set of a database
	tables    []*entry          // as they were created
	byName    map[tableName]*entry
	objects   []Object
	hasObject map[Object]bool
}

// entry is what is known of a table.
type entry struct {
	table         *source.Table
	wanted        bool
	rows, history int64
}

type tableName struct{ database, name string }

// Object is something in the dump that is no table.
type Object struct {
	Kind           string // "trigger", "procedure", "function", "event", "view", "sequence", "package"
	Database, Name string
}

func newCatalog() catalog {
	return catalog{charsets: map[string]string{}, byName: map[tableName]*entry{}, hasObject: map[Object]bool{}}
}

func (c *catalog) find(database, name string) *entry { return c.byName[tableName{database, name}] }

func (c *catalog) add(e *entry) {
	c.tables = append(c.tables, e)
	c.byName[tableName{e.table.Database, e.table.Name}] = e
}

func (c *catalog) forget(database, name string) {
	e := c.find(database, name)
	delete(c.byName, tableName{database, name})
	c.tables = slices.DeleteFunc(c.tables, func(other *entry) bool { return other == e })
}

func (c *catalog) note(o Object) {
	if !c.hasObject[o] {
		c.hasObject[o] = true
		c.objects = append(c.objects, o)
	}
}
