package dump

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// create reads a CREATE statement: tables and databases are declared, other objects noted.
func (r *Reader) create(tokens []token) error {
	p := &parser{tokens: tokens, at: 1}
	for ; p.at < len(p.tokens); p.at++ {
		switch what := strings.ToLower(p.peek().text); {
		case p.peek().kind != word:
		case what == "table":
			p.at++
			return r.createTable(p)
		case what == "database" || what == "schema":
			p.at++
			return r.createDatabase(p)
		case what == "trigger" || what == "procedure" || what == "function" || what == "event" || what == "view" || what == "sequence" || what == "package":
			p.at++
			r.noteObject(what, p)
			return nil
		}
	}
	return nil // users, servers, indexes: nothing that rows depend on
}

func (r *Reader) noteObject(kind string, p *parser) {
	p.take("body") // of a package
	p.ifNotExists()
	database, name, _ := r.qualified(p.tokens, p.at)
	r.catalog.note(Object{kind, database, name})
}

// createDatabase notes the default character set. Only USE changes the database.
func (r *Reader) createDatabase(p *parser) error {
	p.ifNotExists()
	if !p.peek().named() {
		return r.failStatement(p.place(), fault.Invalid, "CREATE DATABASE names no database")
	}
	name := p.next().text
	var o options
	for !p.done() {
		if !o.read(p) {
			p.next()
		}
	}
	if o.charset != "" {
		r.catalog.charsets[name] = o.charset
	}
	return nil
}

func (r *Reader) createTable(p *parser) error {
	already := p.ifNotExists()
	database, name, next := r.qualified(p.tokens, p.at)
	if name == "" {
		return r.failStatement(p.place(), fault.Invalid, "CREATE TABLE names no table")
	}
	p.at = next
	if e := r.catalog.find(database, name); e != nil {
		if already {
			return nil
		}
		return r.failStatement(p.place(), fault.Invalid, "table %s is created twice; are two dumps in one file?", e.table)
	}
	t := &source.Table{Database: database, Name: name, Zone: r.session.zone}
	if err := r.declare(t, p); err != nil {
		return err
	}
	r.catalog.add(&entry{table: t, wanted: r.opt.Want == nil || r.opt.Want(t)})
	return nil
}

// declare reads what stands in the brackets and behind them.
func (r *Reader) declare(t *source.Table, p *parser) error {
	if !p.sign('(') {
		return r.failStatement(p.place(), fault.Unsupported, "table %s is created without its columns (CREATE TABLE ... LIKE or SELECT)", t)
	}
	d := declaration{table: t, ddl: r.ddl}
	for {
		if err := d.entry(p); err != nil {
			return r.failStatement(p.place(), fault.Invalid, "table %s: %s", t, fault.Find(err).Text)
		}
		if p.sign(')') {
			break
		}
		if !p.sign(',') {
			return r.failStatement(p.place(), fault.Invalid, "table %s: expected a comma or a bracket", t)
		}
	}
	var o options
	for !p.done() && !p.peek().is("partition") {
		if !o.read(p) {
			p.next()
		}
	}
	if o.charset == "" {
		o.charset = r.catalog.charsets[t.Database]
	}
	d.complete(o)
	return nil
}
