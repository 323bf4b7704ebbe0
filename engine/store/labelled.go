package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Labels are what current resources have in their meta.
type Labels struct {
	List     []Label       // in order
	Warnings []fault.Issue // why these are not all
}

// One answer tells so many labels at most, of so many bytes together, and looks at so many that are listed.
const (
	maxLabels     = 10_000
	maxLabelBytes = 4 << 20
	maxLookedAt   = 100_000
	maxSeenLabels = 10_000 // of types of which the caller sees a part
)

// Labels are the labels that current resources of a type have, of all types that the caller may search if it is empty. Where
// they are more than one answer can tell or look at, it says so. Faults: Forbidden; Unknown for what is no type.
func (d *Desk) Labels(ctx context.Context, typ string) (Labels, error) {
	v, err := d.sight(ctx)
	if err != nil {
		return Labels{}, err
	}
	types, err := v.labelledTypes(typ)
	if err != nil {
		return Labels{}, d.refused(ctx, "search", typ, "", err)
	}
	if err := d.s.listOld(ctx, d.p.Tenant, types); err != nil {
		return Labels{}, err
	}
	k, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return Labels{}, err
	}
	t := tally{v: v, k: k, types: types, used: map[Label]bool{}}
	err = t.all(ctx)
	return t.labels(), err
}

// labelledTypes are the types of which the caller asks, in order.
func (v sight) labelledTypes(typ string) (out []int16, err error) {
	types := []string{typ}
	if typ == "" {
		types, err = v.typesFor(search.Query{})
	} else {
		_, err = v.may(access.Search, typ)
	}
	for _, t := range types {
		index, known := typeIndex(t)
		if !known {
			return nil, unknownType(t)
		}
		out = append(out, index)
	}
	slices.Sort(out)
	return out, err
}

// tally gathers the labels that are in use.
type tally struct {
	v            sight
	k            *tenantKeys
	types        []int16
	used         map[Label]bool
	looked, size int
	seen         int    // labels that were looked for among what the caller sees
	cut          string // why it ended early
}

func (t *tally) all(ctx context.Context) error {
	last := beforeLabels(t.types[0])
	for t.cut == "" {
		page, err := labelsBehind(ctx, t.v.s.db, t.k.tenant, last, t.types[len(t.types)-1])
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1]
		if err := t.take(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// take looks at those of a page that are of a type asked for and not known to be in use.
func (t *tally) take(ctx context.Context, page []listedLabel) error {
	if t.looked += len(page); t.looked > maxLookedAt {
		t.cut = fmt.Sprintf("more than %d labels are listed that resources have or had; those that none has any more leave the list once a day", maxLookedAt)
	}
	page = slices.DeleteFunc(page, func(l listedLabel) bool {
		_, wanted := slices.BinarySearch(t.types, l.typ)
		return !wanted || t.used[l.Label]
	})
	used, err := t.inUse(ctx, page)
	for i, l := range page {
		if used[i] && !t.used[l.Label] {
			t.tell(l.Label)
		}
	}
	return err
}

// inUse tells, one by one, which of the labels resources have that the caller may see.
func (t *tally) inUse(ctx context.Context, page []listedLabel) ([]bool, error) {
	used, err := t.k.inUse(ctx, t.v.s.db, page)
	for i, l := range page {
		if err != nil || !used[i] || t.v.p.Whole(access.Search, typeName(int32(l.typ))) {
			continue
		}
		if t.seen++; t.seen > maxSeenLabels {
			used[i], t.cut = false, fmt.Sprintf("more than %d labels would have to be looked for among what you see; ask about one type", maxSeenLabels)
			continue
		}
		used[i], err = t.having(ctx, l)
	}
	return used, err
}

// having reports whether a resource that the caller may see has a label.
func (t *tally) having(ctx context.Context, l listedLabel) (has bool, err error) {
	typ := typeName(int32(l.typ))
	n, err := t.v.may(access.Search, typ)
	if err != nil {
		return false, err
	}
	c, err := t.v.s.compiler(ctx, t.k.tenant, typ)
	if err != nil {
		return false, err
	}
	preds, err := c.conjunction(n.Where)
	if err != nil {
		return false, err
	}
	row := l.token(t.k.hasher, typ)
	st := newStatement(c.from.Dialect(), t.k.tenant)
	st.add("SELECT 1 FROM ix_token c WHERE c.tenant = $1").tests([]test{hashed(row.Hash), where("x.system = ?", row.System)}, "c")
	for _, p := range preds {
		st.filter(p, "c.rid")
	}
	return has, c.from.Query(ctx, st.add(" LIMIT 1").text(), st.args, func(db.Row) error {
		has = true
		return nil
	})
}

func (t *tally) tell(l Label) {
	if len(t.used) == maxLabels || t.size+l.size() > maxLabelBytes {
		t.cut = fmt.Sprintf("more labels are in use than the %d, or the %d bytes of them, that one answer tells; ask about one type", maxLabels, maxLabelBytes)
		return
	}
	t.used[l], t.size = true, t.size+l.size()
}

func (t *tally) labels() (out Labels) {
	for l := range t.used {
		out.List = append(out.List, l)
	}
	slices.SortFunc(out.List, func(a, b Label) int {
		return cmp.Or(cmp.Compare(a.Element, b.Element), cmp.Compare(a.System, b.System), cmp.Compare(a.Code, b.Code))
	})
	if t.cut != "" {
		out.Warnings = []fault.Issue{{Code: "incomplete", Warning: true, Text: "these are not all: " + t.cut}}
	}
	return out
}
