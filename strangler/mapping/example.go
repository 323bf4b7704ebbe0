package mapping

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/uuid"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// Example is a golden row: a row of made-up data and, written by hand, what it must become. It finds the rule that is wrong
// in both directions, such as two swapped names, which no way there and back can find.
type Example struct {
	Name string // "patient.yaml:12: a patient with two record numbers"

	at           place
	Map          string
	installation uuid.UUID
	row          object
	joined       object
	want         []wanted
	filtered     string
	refused      string
	findings     []string
}

type wanted struct {
	typ  string
	json any
}

// Examples reads the golden rows of dir. A file names its map and lists rows:
//
//	map: opal.site
//	rows:
//	  - about: a site
//	    row: {Code: ODH, ...}
//	    joined: {mrn: [{...}]}
//	    want: [{type: Organization, resource: {...}}]
//	    findings: ["OpalDB.Hospital_Identifier_Type.Code: as-is"]
//
// instead of want: filtered: reason, or refused: code. A column that is not given is NULL where it may be, else ”, 0 or the
// zero date. A resource is stated whole but for meta's server part; a record by its values, null for NULL.
func Examples(fsys fs.FS, dir string) ([]Example, error) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var list []Example
	probs := &problems{}
	for _, name := range files {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		r := &reader{file: path.Base(name), problems: probs}
		list = append(list, readExamples(r, src)...)
	}
	return list, Refuse(probs.sorted())
}

// exampleSpace is the installation of golden rows, so that ids can be written down.
const exampleSpace = "b2f0e8a4-5d0c-4b1e-9a63-1d5c7c1f0a11"

func readExamples(r *reader, src []byte) (list []Example) {
	o := r.parse(src, "map", "about", "rows")
	for _, n := range o.nodes("rows") {
		e := r.object(n, "about", "row", "joined", "want", "filtered", "refused", "findings")
		x := Example{
			Name: fmt.Sprintf("%s:%d: %s", r.file, e.at.line, e.need("about").s), at: e.at, Map: o.need("map").s,
			row: e.child("row"), joined: e.child("joined"), filtered: e.text("filtered").s, refused: e.text("refused").s,
			installation: uuid.MustParse(exampleSpace),
		}
		for _, w := range e.nodes("want") {
			x.want = append(x.want, readWanted(r.object(w, "type", "resource", "record", "values")))
		}
		for _, f := range e.texts("findings") {
			x.findings = append(x.findings, f.s)
		}
		list = append(list, x)
	}
	return list
}

func readWanted(o object) wanted {
	if o.has("record") {
		return wanted{o.text("record").s, o.child("values").fields()}
	}
	if !o.has("resource") {
		o.r.add(o.at, "state the resource or the values of the record")
		return wanted{}
	}
	return wanted{o.need("type").s, o.r.json(o.members["resource"])}
}

// fields are the values of a record: text, and null.
func (o object) fields() *fhir.Obj {
	out := fhir.NewObject()
	for _, k := range o.keys {
		out.Set(k.s, nil)
		if _, null := o.members[k.s].(*ast.NullNode); !null {
			out.Set(k.s, o.text(k.s).s)
		}
	}
	return out
}

// Try maps the row, there and back, and tells what is wrong with the outcome, "" for nothing.
func (e *Example) Try(p *Pack) (wrong string, err error) {
	m := p.Map(e.Map)
	if m == nil {
		return "there is no map " + e.Map, nil
	}
	if m.table == nil {
		return "", nil
	}
	in, wrong := e.input(m)
	if wrong != "" {
		return wrong, nil
	}
	out, err := m.Forward(in)
	if err != nil {
		return "", err
	}
	if wrong := e.compare(out); wrong != "" || out.Targets == nil {
		return wrong, nil
	}
	if refusal := m.Verify(in, out); refusal != nil {
		return refusal.Path + ": " + refusal.Text, nil
	}
	return "", nil
}

func (e *Example) input(m *Map) (in Input, wrong string) {
	in = Input{Installation: e.installation, Row: exampleRow(m.table, e.row), Joined: make([][]source.Row, len(m.joins))}
	for i := range m.joins {
		j := &m.joins[i]
		for _, n := range e.joined.nodes(j.name) {
			in.Joined[i] = append(in.Joined[i], exampleRow(j.table, e.row.r.object(n)))
		}
	}
	for _, k := range e.joined.keys {
		if !slices.ContainsFunc(m.joins, func(j join) bool { return j.name == k.s }) {
			return in, fmt.Sprintf("%s: map %s joins no %s", k.at, m.Name, k.s)
		}
	}
	if n := len(e.row.r.list); n > 0 {
		return in, e.row.r.list[n-1].String()
	}
	return in, ""
}

// exampleRow makes a row of the columns that are given; the others are empty.
func exampleRow(t *source.Table, o object) source.Row {
	row := source.Row{Table: t, Cells: make([]source.Cell, len(t.Columns))}
	for i := range t.Columns {
		row.Cells[i] = emptyCell(&t.Columns[i])
	}
	for _, k := range o.keys {
		i, ok := t.Index(k.s)
		if !ok {
			o.r.add(k.at, "%s has no column %s%s", t, k.s, near(k.s, columnNames(t)))
			continue
		}
		row.Cells[i] = source.NullCell()
		if _, null := o.members[k.s].(*ast.NullNode); !null {
			row.Cells[i] = source.Text(o.text(k.s).s)
		}
	}
	return row
}

func emptyCell(c *source.Column) source.Cell {
	switch {
	case c.Generated != "":
		return source.Cell{}
	case c.Nullable:
		return source.NullCell()
	case c.Class() == source.IntegerClass || c.Class() == source.NumberClass:
		return source.Text("0")
	}
	return source.Text(zeroDate(c.Type, fraction(c)))
}

func (e *Example) compare(out Output) string {
	refused := ""
	if out.Refused != nil {
		refused = out.Refused.Code
	}
	if refused != e.refused || out.Filtered != e.filtered {
		return fmt.Sprintf("filtered %q and refused %q, wanted %q and %q", out.Filtered, refused, e.filtered, e.refused)
	}
	var findings []string
	for _, f := range out.Findings {
		findings = append(findings, f.Path+": "+f.Code)
	}
	if !slices.Equal(findings, e.findings) && out.Refused == nil {
		return fmt.Sprintf("findings %q, wanted %q", findings, e.findings)
	}
	if len(out.Targets) != len(e.want) {
		return fmt.Sprintf("%d targets, wanted %d", len(out.Targets), len(e.want))
	}
	for i, w := range e.want {
		if wrong := w.compare(out.Targets[i]); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (w wanted) compare(t Target) string {
	if t.Type != w.typ {
		return fmt.Sprintf("target %s, wanted %s", t.Type, w.typ)
	}
	want, err := fhir.ParseValue(jsonOf(w.json), fhir.Limits{})
	if err != nil {
		return fmt.Sprintf("the wanted %s is no JSON: %s", w.typ, err)
	}
	got := t.Resource.Value
	if t.Record != nil {
		if got, err = fhir.ParseValue(t.Record.json(), fhir.Limits{}); err != nil {
			return err.Error()
		}
	}
	if path := unlike(got, want, t.Type); path != "" {
		return path + " is not as wanted"
	}
	return ""
}

// json is the record as JSON, its fields in the order of their names.
func (r *Record) json() []byte {
	o := fhir.NewObject()
	for _, name := range keys(r.Values) {
		o.Set(name, nil)
		if v := r.Values[name]; v != nil {
			o.Set(name, *v)
		}
	}
	return o.JSON()
}
