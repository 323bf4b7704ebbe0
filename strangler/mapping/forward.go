package mapping

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// Forward maps a row. It is pure and may run at the same time for several rows. The error is fault.Internal: a row of
// another table, joins that do not match; whatever is wrong with the row itself stands in the output.
func (m *Map) Forward(in Input) (Output, error) {
	if err := m.check(&in); err != nil {
		return Output{}, err
	}
	r := m.pool.Get().(*run)
	defer m.pool.Put(r)
	r.start(m, &in)
	var out Output
	if out.Filtered = m.filter(r); out.Filtered == "" && r.refused == nil {
		m.apply(r, &out)
	}
	out.Findings, out.Refused, out.Codes = r.findings, r.refused, r.codes
	if out.Refused != nil {
		out.Targets = nil
	}
	r.in, r.findings, r.row = nil, nil, rowValue{}
	return out, nil
}

func (m *Map) check(in *Input) error {
	if m.table == nil {
		return fault.New(fault.Internal, "the source has no table %s", m.Table)
	}
	if in.Row.Table != m.table || len(in.Row.Cells) != len(m.table.Columns) {
		return fault.New(fault.Internal, "the row is not one of the table %s to which the map is bound", m.Table)
	}
	if len(in.Joined) != len(m.joins) {
		return fault.New(fault.Internal, "map %s needs the rows of %d joins, not %d", m.Name, len(m.joins), len(in.Joined))
	}
	for i, rows := range in.Joined {
		for _, row := range rows {
			if len(row.Cells) != len(m.joins[i].table.Columns) {
				return fault.New(fault.Internal, "a row of the join %s of map %s is not one of %s", m.joins[i].name, m.Name, m.Joins[i].Table)
			}
		}
	}
	return nil
}

// filter gives the reason to leave the row out, if there is one.
func (m *Map) filter(r *run) string {
	for _, f := range m.filters {
		hit, ok := r.test(f.when, m.Table)
		if !ok {
			return ""
		}
		if !hit {
			continue
		}
		if proved, ok := r.test(f.proof, m.Table); ok && !proved {
			r.refuse(f.proof.at, m.Table, Unproved, "the row should be filtered as "+f.reason+", but the proof does not hold")
			return ""
		}
		return f.reason
	}
	return ""
}

// test evaluates a condition; none holds always. ok is false, and the row refused, if it fails.
func (r *run) test(p *program, path string) (holds, ok bool) {
	if p == nil {
		return true, true
	}
	holds, err := p.isTrue(r)
	if err != nil {
		r.refuse(p.at, path, Failed, "the condition fails")
	}
	return holds, err == nil
}

func (m *Map) apply(r *run, out *Output) {
	k := m.pick(r)
	if k == nil {
		return
	}
	for i, j := range m.joins {
		if j.one && len(r.in.Joined[i]) > 1 {
			r.refuse(m.at, m.Joins[i].Table, Unexpected, "there is more than one row of "+j.name)
			return
		}
	}
	for _, i := range k.none {
		if len(r.in.Joined[i]) > 0 {
			r.refuse(m.at, m.Joins[i].Table, Unexpected, "the case "+k.name+" has no rows of "+m.joins[i].name)
		}
	}
	for _, d := range k.drops {
		d.prove(r)
	}
	out.Targets = make([]Target, 0, len(k.targets))
	for _, t := range k.targets {
		if r.refused != nil {
			return
		}
		m.target(r, t, out)
	}
}

func (m *Map) pick(r *run) *kase {
	for _, k := range m.cases {
		hit, ok := r.test(k.when, m.Table)
		if !ok {
			return nil
		}
		if hit {
			return k
		}
	}
	return nil
}

func (m *Map) target(r *run, t *target, out *Output) {
	made, ok := r.test(t.when, m.Table)
	if !ok {
		return
	}
	t.scope.fill(r, made)
	if !made {
		t.scope.lost(r, t)
		return
	}
	if r.refused != nil {
		return
	}
	one := Target{Slot: t.slot, Type: t.typ, ID: m.newID(r.in, t)}
	if t.record {
		one.Record = t.scope.record(r)
	} else {
		one.Resource = t.resource(r, one.ID)
	}
	out.Targets = append(out.Targets, one)
}

func (m *Map) newID(in *Input, t *target) string {
	var space [4]string
	key := space[:0]
	for _, i := range m.id {
		key = append(key, string(in.Row.Cells[i].Bytes))
	}
	return newID(in.Installation, m.pack.name, m.Table, t.suffix, key...)
}

func (t *target) resource(r *run, id string) fhir.Resource {
	w := writer{run: r, out: r.out[:0]}
	w.object(t.scope.root, 0, id)
	r.out = w.out
	resource, err := fhir.Parse(slices.Clone(w.out), fhir.Limits{})
	if err != nil {
		r.refuse(t.at, t.typ, Failed, "the resource is not valid: "+err.Error())
	}
	return resource
}

// fill computes the slots of a target and of its children; if the target is not made, only those of columns, to see that
// none is lost.
func (s *scope) fill(r *run, made bool) {
	r.slots = append(r.slots[:0], make([]slot, s.slots)...)
	r.children = r.children[:0]
	for _, e := range s.eachs {
		rows := len(r.in.Joined[e.join])
		r.children = append(r.children, span{len(r.slots), rows})
		r.slots = append(r.slots, make([]slot, rows*e.scope.slots)...)
	}
	r.item = rowValue{}
	s.rules(r, r.in.Row.Cells, 0, made)
	for i, e := range s.eachs {
		for n, row := range r.in.Joined[e.join] {
			r.item = rowValue{r.m.joins[e.join].rowType, row.Cells}
			e.scope.rules(r, row.Cells, r.children[i].base+n*e.scope.slots, made)
		}
	}
	r.item = rowValue{}
}

func (s *scope) rules(r *run, cells []source.Cell, base int, made bool) {
	for _, l := range s.lenses {
		l.fill(r, &cells[l.index], base)
	}
	for i := 0; made && i < len(s.derives); i++ {
		s.derives[i].run(r, base)
	}
}

// lost refuses the row if a target that is not made would hold something of it.
func (s *scope) lost(r *run, t *target) {
	for _, l := range s.lenses {
		if slot := &r.slots[l.slot]; !slot.empty() || slot.mark != "" {
			r.refuse(l.at, l.path, NotInverse, "the column holds a value, but the target "+t.slot+" is not made for this row")
		}
	}
	for i, e := range s.eachs {
		if r.children[i].rows > 0 {
			r.refuse(e.at, r.m.Joins[e.join].Table, NotInverse, "there are rows of the child, but the target "+t.slot+" is not made for this row")
		}
	}
}

// prove refuses the row if the reason to drop the column does not hold.
func (d *drop) prove(r *run) {
	if !d.proved() {
		return
	}
	if d.join < 0 {
		d.proveCell(r, &r.in.Row.Cells[d.index])
		return
	}
	for _, row := range r.in.Joined[d.join] {
		r.item = rowValue{r.m.joins[d.join].rowType, row.Cells}
		d.proveCell(r, &row.Cells[d.index])
	}
	r.item = rowValue{}
}

func (d *drop) proveCell(r *run, c *source.Cell) {
	if want := d.cell(r); want.State != c.State || c.Has() && !d.lens.equal(want.Bytes, c.Bytes) {
		r.refuse(d.at, d.path, Unproved, "the column is dropped as "+d.reason+", but holds another value")
	}
}
