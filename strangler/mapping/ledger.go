package mapping

import (
	"slices"

	"github.com/ficushealth/ficus/strangler/source"
)

// columnLedger notes which rule accounts for which column, of one case of a map.
type columnLedger struct {
	b    *binder
	root map[int]place
	join []map[int]place
}

func (b *binder) ledger(m *Map) *columnLedger {
	l := &columnLedger{b: b, root: map[int]place{}}
	for range m.joins {
		l.join = append(l.join, map[int]place{})
	}
	return l
}

// take notes that the rule at a place accounts for a column; join is -1 for the root.
func (l *columnLedger) take(join, column int, at place, t *source.Table) {
	of := l.of(join)
	if before, ok := of[column]; ok {
		l.b.add(at, "column %s.%s has a rule already, at %s; one of the two must be a derive", t, t.Columns[column].Name, before)
		return
	}
	of[column] = at
}

func (l *columnLedger) of(join int) map[int]place {
	if join < 0 {
		return l.root
	}
	return l.join[join]
}

// close says which columns no rule accounts for.
func (l *columnLedger) close(m *Map, k *kase, at place) {
	l.missing(m.table, l.root, at, "")
	for i, j := range m.joins {
		if !j.owned || slices.Contains(k.none, i) {
			continue
		}
		for _, c := range j.columns {
			if _, ok := l.join[i][c]; !ok {
				l.join[i][c] = at // equal to the root's by the join
			}
		}
		l.missing(j.table, l.join[i], at, ", child: "+j.name)
	}
}

func (l *columnLedger) missing(t *source.Table, have map[int]place, at place, child string) {
	for i := range t.Columns {
		if _, ok := have[i]; !ok && t.Columns[i].Generated == "" {
			l.b.add(at, "no rule names column %s.%s (%s): map it, keep it as an extension, or drop it for a reason {column: %s%s, reason: ...}",
				t, t.Columns[i].Name, declared(&t.Columns[i]), t.Columns[i].Name, child)
			l.b.list[len(l.b.list)-1].Unnamed = t.String()
		}
	}
}
