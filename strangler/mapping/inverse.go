package mapping

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// Inverse gives back the rows that the targets came from: the root, then the children of each owned join in order, ready
// for source.Canonical. It does not look at what derive rules wrote. A target that is missing counts as empty; dropped
// columns come back as their proof says, absent where it says nothing: see Project. fault.Unprocessable if there is no way back.
func (m *Map) Inverse(targets []Target) ([]source.Row, error) {
	k := m.caseOf(targets)
	if k == nil {
		return nil, fault.New(fault.Unprocessable, "map %s yields none of these targets", m.Name)
	}
	r := m.pool.Get().(*run)
	defer m.pool.Put(r)
	root := source.Row{Table: m.table, Cells: make([]source.Cell, len(m.table.Columns))}
	r.start(m, &Input{Row: root})
	children := make([][]source.Row, len(m.joins))
	for _, t := range k.targets {
		if err := t.read(r, root.Cells, children, targets); err != nil {
			return nil, err
		}
	}
	k.restore(r, root.Cells, children)
	rows := []source.Row{root}
	for i := range children {
		rows = append(rows, m.joins[i].linked(root.Cells, children[i])...)
	}
	return rows, nil
}

// caseOf is the case whose owner is among the targets.
func (m *Map) caseOf(targets []Target) *kase {
	for _, k := range m.cases {
		if k.targets[0].among(targets) != nil {
			return k
		}
	}
	return nil
}

func (t *target) among(targets []Target) *Target {
	for i := range targets {
		if targets[i].Type == t.typ && (targets[i].Slot == t.slot || targets[i].Slot == "") {
			return &targets[i]
		}
	}
	return nil
}

// read puts the cells that a target holds into root and children.
func (t *target) read(r *run, root []source.Cell, children [][]source.Row, targets []Target) error {
	have := t.among(targets)
	if have == nil {
		have = &Target{}
	}
	for _, l := range t.scope.lenses {
		var err error
		if t.record {
			root[l.index], err = l.readRecord(r, have.Record)
		} else {
			root[l.index], err = l.read(r, have.Resource.Value)
		}
		if err != nil {
			return err
		}
	}
	for i, e := range t.scope.eachs {
		rows, err := e.read(r, have.Resource.Value, t.scope.routes[i])
		if err != nil {
			return err
		}
		children[e.join] = append(children[e.join], rows...)
	}
	return nil
}

// read gives back the rows of a child, in the order of the items.
func (e *each) read(r *run, root fhir.Value, at route) (rows []source.Row, err error) {
	last := at.steps[len(at.steps)-1]
	for item := range walk(root, at.steps[:len(at.steps)-1]).Get(last.name).Items() {
		if !holds(item, last.pattern) {
			continue
		}
		row := source.Row{Table: e.scope.table, Cells: make([]source.Cell, len(e.scope.table.Columns))}
		r.item = rowValue{r.m.joins[e.join].rowType, row.Cells}
		for _, l := range e.scope.lenses {
			if row.Cells[l.index], err = l.read(r, item); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	r.item = rowValue{}
	return rows, nil
}

// restore gives dropped columns the value that their proof states.
func (k *kase) restore(r *run, root []source.Cell, children [][]source.Row) {
	for _, d := range k.drops {
		if d.join < 0 {
			root[d.index] = d.cell(r)
			continue
		}
		for _, row := range children[d.join] {
			r.item = rowValue{r.m.joins[d.join].rowType, row.Cells}
			row.Cells[d.index] = d.cell(r)
		}
	}
	r.item = rowValue{}
}

// proved reports whether the reason of a drop says what the column holds, so that there is a way back.
func (d *drop) proved() bool { return d.constant || d.equal != nil }

// cell is what a dropped column holds by its proof; absent where it has none.
func (d *drop) cell(r *run) source.Cell {
	switch {
	case d.equal != nil:
		if f, text, err := d.equal.eval(r); err == nil && f != nothing {
			return source.Cell{State: source.Value, Bytes: text}
		}
		return source.NullCell()
	case d.constant:
		return d.always
	}
	return source.Cell{}
}

// linked gives the rows of a child the values that join them to the root.
func (j *join) linked(root []source.Cell, rows []source.Row) []source.Row {
	for _, row := range rows {
		for i, c := range j.columns {
			if row.Cells[c].State == source.Absent {
				row.Cells[c] = root[j.from[i]]
			}
		}
	}
	return rows
}
