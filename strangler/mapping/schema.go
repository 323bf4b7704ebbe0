package mapping

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// schema is the tables for which a pack was written.
type schema struct {
	tables   []*source.Table
	at       map[string]place // by table
	optional map[string]bool  // tables that a source need not have
}

// readSchema reads the tables for which a pack was written:
//
//	OpalDB.Patient:
//	  key: [PatientSerNum]
//	  optional: true
//	  columns: {PatientSerNum: int, FirstName: varchar(50), DeathDate: datetime null}
func readSchema(r *reader, src []byte) schema {
	o := r.parse(src)
	s := schema{at: map[string]place{}, optional: map[string]bool{}}
	for _, name := range o.keys {
		database, table, ok := strings.Cut(name.s, ".")
		if !ok {
			r.add(name.at, "a table is named with its database: OpalDB.Patient")
		}
		t := o.child(name.s, "key", "unique", "optional", "columns")
		s.tables = append(s.tables, readTable(t, database, table))
		s.at[name.s], s.optional[name.s] = name.at, t.flag("optional")
	}
	return s
}

func readTable(o object, database, name string) *source.Table {
	t := &source.Table{Database: database, Name: name, Zone: "+00:00"}
	columns := o.child("columns")
	for _, c := range columns.keys {
		t.Columns = append(t.Columns, readColumn(o.r, c, columns.text(c.s)))
	}
	t.PrimaryKey = keyColumns(o, "key", t)
	if unique := keyColumns(o, "unique", t); len(unique) > 0 {
		t.Unique = [][]string{unique}
	}
	return t
}

// keyColumns are the columns that a table names as a key.
func keyColumns(o object, key string, t *source.Table) (columns []string) {
	for _, k := range o.texts(key) {
		known := columnNames(t)
		if !slices.Contains(known, k.s) {
			o.r.add(k.at, "%s has no column %s%s", t, k.s, near(k.s, known))
			continue
		}
		columns = append(columns, k.s)
	}
	return columns
}

// readColumn reads "varchar(50)", "decimal(10,2) null", "enum(a,b)".
func readColumn(r *reader, name, decl text) source.Column {
	full, nullable := strings.CutSuffix(decl.s, " null")
	full, unsigned := strings.CutSuffix(full, " unsigned")
	base, args, _ := strings.Cut(strings.TrimSuffix(full, ")"), "(")
	if !slices.Contains(columnTypes(), base) {
		r.add(decl.at, "column %s: %q is no type of MySQL%s; types are %s", name.s, base, near(base, columnTypes()), strings.Join(columnTypes(), ", "))
	}
	c := source.Column{Name: name.s, Type: base, Full: full, Nullable: nullable, Unsigned: unsigned, Charset: "utf8mb4"}
	if base == "enum" || base == "set" {
		c.Enum = strings.Split(args, ",")
		return c
	}
	first, second, _ := strings.Cut(args, ",")
	c.Len, c.Scale = sizeOf(r, decl, first), sizeOf(r, decl, second)
	return c
}

// columnTypes are the types as a dump's declarations come to, without their synonyms.
func columnTypes() []string {
	return strings.Fields("int bigint tinyint smallint mediumint year decimal float double bit date time datetime timestamp " +
		"char varchar text tinytext mediumtext longtext enum set json uuid inet4 inet6 " +
		"binary varbinary blob tinyblob mediumblob longblob vector " +
		"geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection")
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
