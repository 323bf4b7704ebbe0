package dump

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// attribute reads one attribute of a column; one that tells nothing of its values is passed over.
func (d *declaration) attribute(c *source.Column, p *parser) {
	switch {
	case p.take2("not", "null"):
		c.Nullable = false
	case p.take("null"):
		c.Nullable = true
	case p.take("default"):
		d.defaults(c, p)
	case p.take("auto_increment"):
		c.Auto = true
	case p.take("comment"):
		c.Comment = p.next().text
	case p.take("invisible"):
		c.Invisible = true
	case p.take("unique"):
		p.take("key")
		d.table.Unique = append(d.table.Unique, []string{c.Name})
	case p.take("primary"):
		p.take("key")
		d.table.PrimaryKey, c.Nullable = []string{c.Name}, false
	case p.take("key"):
		d.table.PrimaryKey, c.Nullable = []string{c.Name}, false
	default:
		d.rare(c, p)
	}
}

func (d *declaration) rare(c *source.Column, p *parser) {
	switch {
	case p.take2("character", "set"), p.take("charset"):
		c.Charset = charsetName(p.next().text)
	case p.take("collate"):
		c.Collation = p.next().text
		if cs := collationCharset(c.Collation); c.Charset == "" || cs == "binary" {
			c.Charset = cs
		}
	case p.take("ascii"):
		c.Charset = "ascii"
	case p.take("unicode"):
		c.Charset = "ucs2"
	case p.take("byte"):
		c.Charset = "binary"
	case p.take2("on", "update"):
		d.expression(p)
	case p.take("generated"), p.take("as"):
		d.generated(c, p)
	case p.take("check"):
		from, to, _ := p.brackets()
		c.JSON = c.JSON || strings.HasPrefix(strings.TrimLeft(d.ddl[from:to], "( "), "json_valid(")
	case p.take("references"):
		fk := source.ForeignKey{Columns: []string{c.Name}}
		references(&fk, p) // MySQL reads it and makes no key of it
	case p.take("with"), p.take("without"):
		p.take2("system", "versioning")
	default:
		if _, _, ok := p.brackets(); !ok {
			p.next()
		}
	}
}

// generated reads [GENERATED] ALWAYS AS (expression) or ROW START and ROW END.
func (d *declaration) generated(c *source.Column, p *parser) {
	p.take("always")
	p.take("as")
	switch {
	case p.take2("row", "start"):
		c.Generated = "row start"
	case p.take2("row", "end"):
		c.Generated = "row end"
	default:
		from, to, _ := p.brackets()
		c.Generated = strings.TrimSpace(d.ddl[from:to])
	}
}

// defaults reads what stands behind DEFAULT: a constant, NULL or an expression.
func (d *declaration) defaults(c *source.Column, p *parser) {
	t := p.peek()
	switch {
	case t.is("null"):
		p.next()
	case t.is("b") && p.ahead(1).kind == text, t.is("x") && p.ahead(1).kind == text:
		p.next()
		value := constant(t.text[0], p.next().text)
		c.Default = &value
	case t.kind == word && strings.HasPrefix(t.text, "_") && p.ahead(1).kind == text:
		p.next()
		c.Default = ptr(p.next().text)
	case t.kind == text:
		c.Default = ptr(p.next().text)
	case t.sign('-'), t.sign('+'), t.sign('.'), t.kind == word && t.text[0] >= '0' && t.text[0] <= '9':
		c.Default = ptr(typed(c, d.number(p)))
	case t.is("true"), t.is("false"):
		c.Default = ptr(typed(c, map[bool]string{true: "1", false: "0"}[p.next().is("true")]))
	default:
		c.Computed = d.expression(p)
	}
}

// typed is the value of a number as the default of a column: of a bit column the bytes.
func typed(c *source.Column, number string) string {
	n, err := strconv.ParseUint(number, 10, 64)
	if c.Type != "bit" || err != nil {
		return number
	}
	b := binary.BigEndian.AppendUint64(nil, n)
	return string(b[8-min((max(c.Len, 1)+7)/8, 8):])
}

func ptr(s string) *string { return &s }

// constant is the value of a bit (b) or hex (x) literal.
func constant(c byte, digits string) string {
	if c == 'b' || c == 'B' {
		b, _ := appendBits(nil, []byte(digits))
		return string(b)
	}
	b, _ := appendHex(nil, []byte(digits))
	return string(b)
}

// number reads a number as it is written.
func (d *declaration) number(p *parser) string {
	from := p.peek().at
	end := p.next().end
	for !p.done() && p.peek().at == end && !p.peek().sign(',') && !p.peek().sign(')') {
		end = p.next().end
	}
	return d.ddl[from:end]
}

// expression reads a bracketed expression or a function call.
func (d *declaration) expression(p *parser) string {
	from := p.peek().at
	if _, to, ok := p.brackets(); ok {
		return d.ddl[from:to]
	}
	end := p.next().end
	if _, to, ok := p.brackets(); ok {
		end = to
	}
	return d.ddl[from:end]
}
