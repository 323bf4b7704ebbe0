package dump

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// alter reads ALTER TABLE as phpMyAdmin writes it behind the rows: keys, foreign keys and auto_increment. Other changes
// of a table that has columns are refused where they would change what its rows mean.
func (r *Reader) alter(tokens []token) error {
	p := &parser{tokens: tokens, at: 1}
	if p.take("database") || p.take("schema") {
		return r.createDatabase(p)
	}
	if !p.take("table") {
		return nil
	}
	p.ifNotExists()
	database, name, next := r.qualified(p.tokens, p.at)
	e := r.catalog.find(database, name)
	if e == nil {
		return nil // a table that the dump does not hold
	}
	p.at = next
	var err error
	e.table = e.table.With(func(t *source.Table) {
		d := &declaration{table: t, ddl: r.ddl}
		for err = d.change(p); err == nil && p.sign(','); {
			err = d.change(p)
		}
	})
	if err != nil {
		return r.failStatement(p.place(), fault.Unsupported, "table %s: %s", e.table, fault.Find(err).Text)
	}
	return nil
}

// change reads one change of a table.
func (d *declaration) change(p *parser) error {
	switch {
	case p.take("add"):
		if p.peek().is("constraint") || keyWord(p.peek()) {
			return d.entry(p)
		}
		return fault.New(fault.Unsupported, "columns are added after the table was created")
	case p.take("modify"):
		p.take("column")
		return d.modify(p)
	case p.take("drop"), p.take("change"), p.take("rename"):
		return fault.New(fault.Unsupported, "columns are changed after the table was created")
	}
	skipEntry(p) // ENABLE KEYS, AUTO_INCREMENT=7, DISABLE KEYS
	return nil
}

// modify reads the new declaration of a column.
func (d *declaration) modify(p *parser) error {
	one := declaration{table: &source.Table{}, ddl: d.ddl}
	if err := one.column(p); err != nil {
		return err
	}
	skipEntry(p)
	c := one.table.Columns[0]
	i := slices.IndexFunc(d.table.Columns, func(old source.Column) bool { return old.Name == c.Name })
	if i < 0 {
		return fault.New(fault.Invalid, "there is no column %s", c.Name)
	}
	if c.Charset == "" && textual(c.Type) {
		c.Charset = d.table.Columns[i].Charset
	}
	d.table.Columns[i] = c
	return nil
}
