package mapping

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// readSchema reads the tables for which a pack was written:
//
//	OpalDB.Patient:
//	  key: [PatientSerNum]
//	  columns: {PatientSerNum: int, FirstName: varchar(50), DeathDate: datetime null}
func readSchema(r *reader, src []byte) (list []*source.Table) {
	o := r.parse(src)
	for _, name := range o.keys {
		database, table, ok := strings.Cut(name.s, ".")
		if !ok {
			r.add(name.at, "a table is named with its database: OpalDB.Patient")
		}
		list = append(list, readTable(o.child(name.s, "key", "unique", "columns"), database, table))
	}
	return list
}

func readTable(o object, database, name string) *source.Table {
	t := &source.Table{Database: database, Name: name, Zone: "+00:00"}
	for _, k := range o.texts("key") {
		t.PrimaryKey = append(t.PrimaryKey, k.s)
	}
	if unique := o.texts("unique"); len(unique) > 0 {
		var columns []string
		for _, k := range unique {
			columns = append(columns, k.s)
		}
		t.Unique = [][]string{columns}
	}
	columns := o.child("columns")
	for _, c := range columns.keys {
		t.Columns = append(t.Columns, readColumn(o.r, c.s, columns.text(c.s)))
	}
	return t
}

// readColumn reads "varchar(50)", "decimal(10,2) null", "enum(a,b)".
func readColumn(r *reader, name string, decl text) source.Column {
	full, nullable := strings.CutSuffix(decl.s, " null")
	full, unsigned := strings.CutSuffix(full, " unsigned")
	base, args, _ := strings.Cut(strings.TrimSuffix(full, ")"), "(")
	c := source.Column{Name: name, Type: base, Full: full, Nullable: nullable, Unsigned: unsigned, Charset: "utf8mb4"}
	if base == "enum" || base == "set" {
		c.Enum = strings.Split(args, ",")
		return c
	}
	first, second, _ := strings.Cut(args, ",")
	c.Len, c.Scale = sizeOf(r, decl, first), sizeOf(r, decl, second)
	return c
}

func sizeOf(r *reader, decl text, s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		r.add(decl.at, "%q is no size", s)
	}
	return n
}
