package dump

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// declaration is a table while its statement is read.
type declaration struct {
	table *source.Table
	ddl   string // the statement
}

// entry reads one column, key or constraint.
func (d *declaration) entry(p *parser) error {
	constraint := ""
	if p.take("constraint") {
		if p.peek().named() && !keyWord(p.peek()) {
			constraint = p.next().text
		}
	}
	switch {
	case p.peek().kind == name:
		return d.column(p)
	case keyWord(p.peek()):
		return d.key(p, constraint)
	case p.peek().is("period"):
		return d.period(p)
	}
	return d.column(p)
}

func keyWord(t token) bool {
	return t.kind == word && slices.Contains([]string{"primary", "unique", "key", "index", "fulltext", "spatial", "foreign", "check", "vector"}, lower(t.text))
}

// key reads a key or a constraint; those that tell nothing of rows are passed over.
func (d *declaration) key(p *parser, constraint string) error {
	switch {
	case p.take("primary"):
		p.take("key")
		d.index(p, func(columns []string) { d.table.PrimaryKey = columns })
	case p.take("unique"):
		_ = p.take("key") || p.take("index")
		d.index(p, func(columns []string) { d.table.Unique = append(d.table.Unique, columns) })
	case p.take("foreign"):
		p.take("key")
		return d.foreign(p, constraint)
	}
	skipEntry(p)
	return nil
}

// index reads the columns of an index, whose name and kind may come first.
func (d *declaration) index(p *parser, use func(columns []string)) {
	for !p.done() && !p.peek().sign('(') {
		p.next()
	}
	if columns, ok := p.names(); ok {
		use(columns)
	}
}

func (d *declaration) foreign(p *parser, constraint string) error {
	if p.peek().named() {
		p.next()
	}
	fk := source.ForeignKey{Name: constraint}
	var ok bool
	if fk.Columns, ok = p.names(); !ok || !p.take("references") {
		return fault.New(fault.Invalid, "a foreign key is not understood")
	}
	if !references(&fk, p) {
		return fault.New(fault.Invalid, "a foreign key is not understood")
	}
	d.table.ForeignKeys = append(d.table.ForeignKeys, fk)
	skipEntry(p)
	return nil
}

// references reads what stands behind REFERENCES.
func references(fk *source.ForeignKey, p *parser) (ok bool) {
	fk.RefTable = p.next().text
	if p.sign('.') {
		fk.RefDatabase, fk.RefTable = fk.RefTable, p.next().text
	}
	if fk.RefColumns, ok = p.names(); !ok {
		return false
	}
	for p.take("on") {
		event := p.next()
		action := lower(p.next().text)
		if action == "set" || action == "no" {
			action = lower(action, p.next().text)
		}
		if event.is("delete") {
			fk.OnDelete = action
		} else {
			fk.OnUpdate = action
		}
	}
	return true
}

// period reads PERIOD FOR SYSTEM_TIME: its columns are those that hold start and end of a version.
func (d *declaration) period(p *parser) error {
	for !p.done() && !p.peek().sign('(') {
		p.next()
	}
	if _, ok := p.names(); !ok {
		return fault.New(fault.Invalid, "a period is not understood")
	}
	return nil
}

// skipEntry passes over the rest of an entry, up to its comma or the closing bracket.
func skipEntry(p *parser) {
	for !p.done() && !p.peek().sign(',') && !p.peek().sign(')') {
		if _, _, ok := p.brackets(); !ok {
			p.next()
		}
	}
}

// complete gives the columns what the table's options say.
func (d *declaration) complete(o options) {
	d.table.Comment, d.table.SystemVersioned = o.comment, o.versioned
	for i := range d.table.Columns {
		c := &d.table.Columns[i]
		if c.Charset == "" {
			c.Charset = o.charset
		}
		if !textual(c.Type) {
			c.Charset = ""
		}
		d.table.SystemVersioned = d.table.SystemVersioned || c.Generated == "row end"
	}
	if d.table.SystemVersioned && !slices.ContainsFunc(d.table.Columns, func(c source.Column) bool { return c.Generated == "row end" }) {
		d.table.Columns = append(d.table.Columns, hidden("row_start", "row start"), hidden("row_end", "row end"))
	}
}

// hidden is a column that a system-versioned table has without naming it.
func hidden(name, generated string) source.Column {
	return source.Column{Name: name, Type: "timestamp", Full: "timestamp(6)", Len: 6, Generated: generated, Invisible: true}
}

// textual reports whether a type holds text that has a character set.
func textual(typ string) bool {
	switch typ {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return true
	}
	return false
}

// column reads the declaration of a column.
func (d *declaration) column(p *parser) error {
	if !p.peek().named() {
		return fault.New(fault.Invalid, "expected a column")
	}
	c := source.Column{Name: p.next().text, Nullable: true}
	if !p.peek().named() {
		return fault.New(fault.Invalid, "column %s has no type", c.Name)
	}
	d.typ(&c, p)
	for !p.done() && !p.peek().sign(',') && !p.peek().sign(')') && !placed(p) {
		d.attribute(&c, p)
	}
	d.table.Columns = append(d.table.Columns, c)
	return nil
}

// placed reports whether the place of a column follows (ALTER TABLE only), which tells nothing of it.
func placed(p *parser) bool { return p.peek().is("first") || p.peek().is("after") }

// typ reads a type with its brackets and signs.
func (d *declaration) typ(c *source.Column, p *parser) {
	from := p.peek().at
	c.Type = lower(p.next().text)
	if p.take("varying") || p.take("precision") {
		c.Type += " varying"
	}
	first := p.at + 1
	if start, end, ok := p.brackets(); ok {
		d.numbers(c, p.tokens[first:p.at-1], d.ddl[start+1:end-1])
	}
	synonym(c)
	for p.peek().is("unsigned") || p.peek().is("zerofill") || p.peek().is("signed") {
		c.Unsigned = c.Unsigned || !p.peek().is("signed")
		p.next()
	}
	c.Full = strings.Join(strings.Fields(d.ddl[from:p.tokens[p.at-1].end]), " ")
}

// numbers reads what stands in a type's brackets: lengths, or the members of enum and set.
func (d *declaration) numbers(c *source.Column, tokens []token, inside string) {
	if len(tokens) > 0 && tokens[0].kind == text {
		for _, t := range tokens {
			if t.kind == text {
				c.Enum = append(c.Enum, t.text)
			}
		}
		return
	}
	length, scale, _ := strings.Cut(inside, ",")
	c.Len, _ = strconv.Atoi(strings.TrimSpace(length))
	c.Scale, _ = strconv.Atoi(strings.TrimSpace(scale))
}

// synonym turns another name of a type into the one that SHOW CREATE TABLE gives.
func synonym(c *source.Column) {
	switch c.Type {
	case "integer", "int4":
		c.Type = "int"
	case "int1", "bool", "boolean":
		c.Type = "tinyint"
	case "int2":
		c.Type = "smallint"
	case "int3", "middleint":
		c.Type = "mediumint"
	case "int8", "serial":
		c.Unsigned = c.Type == "serial"
		c.Type = "bigint"
	case "dec", "numeric", "fixed", "number":
		c.Type = "decimal"
	case "real", "double varying", "float8":
		c.Type = "double"
	case "float4":
		c.Type = "float"
	case "character", "nchar":
		c.Type = "char"
	case "character varying", "char varying", "nvarchar", "varchar2", "varcharacter":
		c.Type = "varchar"
	case "long":
		c.Type = "mediumtext"
	case "json":
		c.JSON, c.Charset = true, "utf8mb4"
	}
}
