package source

// Column is the declaration of a column, as the source states it.
type Column struct {
	Name       string   // as declared
	Type       string   // base type in lower case, synonyms resolved: "int", "varchar", "decimal", "bit"
	Full       string   // the declared type: "varchar(50)", "int(10) unsigned"
	Len, Scale int      // the numbers in brackets; 0 where there are none
	Unsigned   bool     //
	Enum       []string // members of enum and set, in order
	Charset    string   // effective character set of text: "latin1", "utf8mb4"; "" where unknown
	Collation  string   // as declared for the column, else ""
	Nullable   bool     //
	Default    *string  // constant default as text; nil where there is none
	Computed   string   // default that is an expression: "current_timestamp()"
	Generated  string   // expression of a generated column; "row start", "row end" of a system-versioned one
	Invisible  bool     // not part of SELECT *
	Auto       bool     // auto_increment
	JSON       bool     // a json column, also MariaDB's longtext with json_valid
	Comment    string   //
}

// Class groups the types that are read and compared alike.
type Class uint8

const (
	TextClass     Class = iota // char, varchar, text, enum, set, json, uuid, inet: text
	BinaryClass                // binary, varbinary, blob, spatial types, text of character set binary: bytes
	BitClass                   // bit: bytes, big-endian
	IntegerClass               // tinyint to bigint, year
	NumberClass                // decimal, float, double
	TemporalClass              // date, time, datetime, timestamp
)

// Class is the column's class.
func (c *Column) Class() Class {
	switch c.Type {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		return IntegerClass
	case "decimal", "float", "double":
		return NumberClass
	case "date", "time", "datetime", "timestamp":
		return TemporalClass
	case "bit":
		return BitClass
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection":
		return BinaryClass
	}
	if c.Charset == "binary" {
		return BinaryClass
	}
	return TextClass
}

// Missing is the cell of a column that a row does not give: its constant default, NULL where it may be, else absent.
func (c *Column) Missing() Cell {
	switch {
	case c.Generated != "" || c.Computed != "" || c.Auto:
		return Cell{}
	case c.Default != nil && c.Type == "bit":
		return Binary(c.bits(*c.Default))
	case c.Default != nil:
		return Text(*c.Default)
	case c.Nullable:
		return NullCell()
	}
	return Cell{}
}

// bits are the bytes b of a bit column in the column's width.
func (c *Column) bits(b string) []byte {
	size := (max(c.Len, 1) + 7) / 8
	return append(make([]byte, max(size-len(b), 0)), b...)
}
