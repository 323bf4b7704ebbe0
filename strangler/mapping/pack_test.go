package mapping

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// clinicSchema is a table with a column of each type, a child and a code table.
const clinicSchema = `
Clinic.person:
  key: [id]
  columns:
    id: int
    name: varchar(50)
    nick: varchar(50) null
    sex: varchar(10)
    born: datetime
    died: datetime null
    seen: timestamp(3) null
    day: date null
    clock: time null
    weight: decimal(6,2) null
    score: float null
    big: bigint null
    flag: tinyint
    on: bit(1) null
    pic: blob null
    kind: enum(a,b) null
    boss: int
Clinic.phone:
  key: [id]
  columns: {id: int, person: int, number: varchar(20) null, main: tinyint}
Clinic.note:
  key: [person, nr]
  columns: {person: int, nr: int, body: text null}
`

const clinicPack = `
pack: clinic
zone: America/Toronto
invalid: as-is
extensions: https://example.org/sd/
`

const sexTerms = "source,code,alike\nM,male,\nF,female,\nX,other,\nD,other,yes\n"

// clinic is a pack of one map and the files that it needs.
func clinic(m string) fstest.MapFS {
	return fstest.MapFS{
		"pack.yaml": {Data: []byte(clinicPack)}, "schema.yaml": {Data: []byte(clinicSchema)},
		"m.yaml": {Data: []byte(m)}, "terms/sex.csv": {Data: []byte(sexTerms)},
	}
}

func load(t testing.TB, m string) *Pack {
	t.Helper()
	p, err := Load(clinic(m), ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// person is a map with the lines of rules that a test is about; every column without a rule is dropped without proof.
func person(rules string, without ...string) string {
	head := `map: clinic.person
source:
  table: Clinic.person
  key: [id]
  children:
    phone: {table: Clinic.phone, on: {person: id}, order: [id]}
  lookups:
    boss: {table: Clinic.person, on: {id: boss}}
target: {type: Patient}
slices:
  identifier(key): {system: "urn:key"}
  telecom(phone): {system: phone}
fields:
` + rules + "\ndrop:\n"
	for _, c := range strings.Fields("id name nick sex born died seen day clock weight score big flag on pic kind boss") {
		if !strings.Contains(rules, "column: "+c) && !contains(without, c) {
			head += "  - {column: " + c + ", reason: out-of-scope}\n"
		}
	}
	if !strings.Contains(rules, "child: phone") {
		head += "  - {child: phone, column: id, reason: out-of-scope}\n  - {child: phone, column: number, reason: out-of-scope}\n  - {child: phone, column: main, reason: out-of-scope}\n"
	}
	return head
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// basic are rules that use both slices of person.
const basic = `  - {column: id, to: identifier(key).value}
  - {child: phone, to: telecom(phone), each: [{column: id, extension: nr, type: integer}, {column: number, to: value}, {column: main, extension: main, type: boolean}]}
`

// row makes a row of Clinic.person; a column that is not given is empty.
func row(t testing.TB, p *Pack, table string, values map[string]source.Cell) source.Row {
	t.Helper()
	tab := p.maps[0].pack.table(table)
	r := source.Row{Table: tab, Cells: make([]source.Cell, len(tab.Columns))}
	for i := range tab.Columns {
		r.Cells[i] = emptyCell(&tab.Columns[i])
	}
	for name, c := range values {
		i, ok := tab.Index(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		r.Cells[i] = c
	}
	return r
}

func (p *Pack) table(name string) *source.Table {
	for _, t := range p.Tables() {
		if t.String() == name {
			return t
		}
	}
	return nil
}

func forward(t testing.TB, p *Pack, values map[string]source.Cell, phones ...source.Row) (Input, Output) {
	t.Helper()
	m := p.Map("clinic.person")
	in := Input{Installation: uuid.NameSpaceURL, Row: row(t, p, "Clinic.person", values), Joined: make([][]source.Row, len(m.Joins))}
	in.Joined[0] = phones
	out, err := m.Forward(in)
	if err != nil {
		t.Fatal(err)
	}
	return in, out
}

func TestAPackTellsWhatItCovers(t *testing.T) {
	p := load(t, person(basic))
	if p.Name() != "clinic" || !strings.HasPrefix(p.Hash(), "blake3:") || len(p.Maps()) != 1 {
		t.Errorf("pack %s %s with %d maps", p.Name(), p.Hash(), len(p.Maps()))
	}
	covered := p.Covered()
	if len(covered) != 2 || covered[0] != (Covered{"Clinic.person", "clinic.person", ""}) || covered[1] != (Covered{"Clinic.phone", "clinic.person", "phone"}) {
		t.Errorf("covered %v", covered)
	}
	wants := p.Wants()
	if len(wants) != 2 || !wants[0].Root || wants[1].Root || len(wants[0].By) != 1 || len(wants[1].By) != 1 {
		t.Errorf("wants %+v", wants)
	}
}

func TestTheHashChangesWithEveryFile(t *testing.T) {
	first := load(t, person(basic)).Hash()
	for name := range clinic("") {
		files := clinic(person(basic))
		files[name].Data = append(files[name].Data, "\n# changed\n"...)
		p, err := Load(files, ".")
		if err != nil {
			t.Fatal(err)
		}
		if p.Hash() == first {
			t.Errorf("a change of %s does not show in the hash", name)
		}
	}
}

func TestAPackWithoutItsFileIsRefused(t *testing.T) {
	if _, err := Load(fstest.MapFS{"x.txt": {}}, "."); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
	if _, err := Load(fstest.MapFS{}, "absent"); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
}

func TestMapsStandBehindThoseThatTheyReferTo(t *testing.T) {
	files := clinic(person(basic))
	files["a.yaml"] = &fstest.MapFile{Data: []byte(`map: a.note
source: {table: Clinic.note, key: [person, nr]}
target: {type: Basic}
fields:
  - {column: person, to: subject, ref: {map: clinic.person}}
  - {column: nr, extension: nr, type: integer}
  - {column: body, extension: body, type: string}
`)}
	p, err := Load(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	if p.Maps()[0].Name != "clinic.person" || p.Maps()[1].Name != "a.note" {
		t.Errorf("order %s, %s", p.Maps()[0].Name, p.Maps()[1].Name)
	}
}

func TestBindingSaysWhereASourceDiffers(t *testing.T) {
	p := load(t, person(basic))
	for name, c := range map[string]struct {
		change  func(*source.Table)
		problem string
		warning bool
	}{
		"column gone":     {func(t *source.Table) { t.Columns = t.Columns[:16] }, "the source has no column Clinic.person.boss", false},
		"column new":      {func(t *source.Table) { t.Columns = append(t.Columns, source.Column{Name: "ssn", Type: "varchar"}) }, "no rule names column Clinic.person.ssn", false},
		"column nullable": {func(t *source.Table) { t.Columns[1].Nullable = true }, "column Clinic.person.name is varchar(50) null, the pack was written for varchar(50)", true},
		"table renamed":   {func(t *source.Table) { t.Name = "persons" }, "the source has no table Clinic.person; did you mean Clinic.persons or Clinic.phone?", false},
		"no database":     {func(t *source.Table) { t.Database = "" }, "the source has no table Clinic.person, but a table person of a database that it does not name: name it (--source-database Clinic)", false},
	} {
		tables := []*source.Table{p.table("Clinic.person").With(c.change), p.table("Clinic.phone"), p.table("Clinic.note")}
		_, list := p.Bind(tables)
		found := false
		for _, x := range list {
			found = found || strings.HasPrefix(x.Text, c.problem) && x.Warning == c.warning
		}
		if !found {
			t.Errorf("%s: problems %v", name, list)
		}
		if (Refuse(list) == nil) != c.warning {
			t.Errorf("%s: refused: %v", name, Refuse(list))
		}
	}
}

func TestATableThatMayBeMissing(t *testing.T) {
	files := clinic(person(basic))
	files["schema.yaml"] = &fstest.MapFile{Data: bytes.Replace(files["schema.yaml"].Data, []byte("Clinic.note:\n"), []byte("Clinic.note:\n  optional: true\n"), 1)}
	p, err := Load(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	bound, list := p.Bind([]*source.Table{p.table("Clinic.person"), p.table("Clinic.phone")})
	if len(list) != 1 || !list[0].Warning || !strings.HasPrefix(list[0].String(), "schema.yaml:") || !strings.Contains(list[0].Text, "takes it for empty") {
		t.Fatal(list)
	}
	whole, err := Whole(t.Context(), bound, sparse{tables: []*source.Table{p.table("Clinic.phone"), p.table("Clinic.person")}})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := whole.Tables(t.Context())
	if err != nil || len(tables) != 3 || tables[0].String() != "Clinic.note" {
		t.Fatal(tables, err)
	}
	if n, err := whole.Count(t.Context(), tables[0]); n.Rows != 0 || err != nil {
		t.Error(n, err)
	}
	if n, err := whole.Count(t.Context(), tables[1]); n.Rows != 7 || err != nil {
		t.Error(n, err)
	}
	for _, err := range whole.Rows(t.Context(), tables[0], source.Position{}) {
		t.Error(err)
	}
	for _, err := range whole.Children(t.Context(), tables[0], []string{"person"}, []source.Cell{source.Text("1")}) {
		t.Error(err)
	}
}

// sparse is a source whose tables count seven rows and give none.
type sparse struct {
	source.Family
	tables []*source.Table
}

func (n sparse) Tables(context.Context) ([]*source.Table, error) { return n.tables, nil }

func (sparse) Count(context.Context, *source.Table) (source.Count, error) {
	return source.Count{Rows: 7}, nil
}
