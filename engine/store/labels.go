package store

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// The index holds hashes, from which no label can be read back. So that $meta can tell which labels there are without reading
// bodies, table ix_label lists them, and the index says of each whether a resource has it.

// Label is a profile, a security label or a tag in the meta of resources (https://hl7.org/fhir/R4/resource.html#Meta).
type Label struct {
	Element      string // profile, security or tag
	System, Code string // of a profile Code alone, its URL
}

// labelElements are the parts of meta that hold labels.
var labelElements = [...]string{"profile", "security", "tag"}

// labelsOf are the labels of a resource; what has no code cannot be asked for.
func labelsOf(r fhir.Resource) (list []Label) {
	meta := r.Get("meta")
	for _, element := range labelElements {
		for v := range meta.Get(element).Items() {
			l := Label{Element: element, Code: v.Str()}
			if v.Kind() != fhir.String {
				l.System, l.Code = v.Get("system").Str(), v.Get("code").Str()
			}
			if l.Code != "" {
				list = append(list, l)
			}
		}
	}
	return list
}

func (l Label) hash(typ string) int64 {
	return int64(xxh3.HashString(typ + "\x00" + l.Element + "\x00" + l.System + "\x00" + l.Code))
}

// maxLabels is how many labels of a type are told, and maxListed how many this process remembers to have listed: whoever labels
// each resource otherwise must not fill the memory.
const (
	maxLabels = 1000
	maxListed = 100_000
)

// labelBook knows, by tenant and hash, labels that are listed.
type labelBook struct {
	mu     sync.RWMutex
	listed map[int32]map[int64]bool
}

// fresh are the labels of which this process does not know that they are listed.
func (b *labelBook) fresh(tenant int32, typ string, list []Label) []Label {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.DeleteFunc(list, func(l Label) bool { return b.listed[tenant][l.hash(typ)] })
}

// learn takes up labels that are stored.
func (b *labelBook) learn(c labelColumns) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, tenant := range c.tenant {
		if b.listed == nil || len(b.listed[tenant]) >= maxListed {
			b.listed = map[int32]map[int64]bool{}
		}
		if b.listed[tenant] == nil {
			b.listed[tenant] = map[int64]bool{}
		}
		b.listed[tenant][c.hash[i]] = true
	}
}

// labelColumns are labels that a group may be the first to write.
type labelColumns struct {
	tenant                []int32
	hash                  []int64
	typ                   []int32
	element, system, code []string
}

func (c *labelColumns) add(tenant int32, typ string, list []Label) {
	index, _ := typeIndex(typ)
	for _, l := range list {
		c.tenant, c.hash, c.typ = append(c.tenant, tenant), append(c.hash, l.hash(typ)), append(c.typ, int32(index))
		c.element, c.system, c.code = append(c.element, l.Element), append(c.system, l.System), append(c.code, l.Code)
	}
}

func (c *labelColumns) columns() []any {
	return []any{c.tenant, c.hash, c.typ, c.element, c.system, c.code}
}

var addLabel = db.Text{
	SQLite: `INSERT INTO ix_label (tenant, hash, type, element, system, code) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
	Postgres: `INSERT INTO ix_label (tenant, hash, type, element, system, code) SELECT DISTINCT q.*
		FROM unnest($1::int4[], $2::int8[], $3::int2[], $4::text[], $5::text[], $6::text[]) AS q(tenant, hash, type, element, system, code)
		ORDER BY q.tenant, q.hash ON CONFLICT DO NOTHING`,
}

var labelledTypesSQL = db.Same(`SELECT DISTINCT type FROM ix_label WHERE tenant = $1`)

var labelsSQL = db.Same(`SELECT element, system, code FROM ix_label WHERE tenant = $1 AND type = $2 LIMIT $3`)

// Labels are the labels that current resources of a type have, of all types that the caller may search if it is empty, in order.
// Faults: Forbidden; TooCostly for more than can be told.
func (d *Desk) Labels(ctx context.Context, typ string) ([]Label, error) {
	types := []string{typ}
	var err error
	if typ == "" {
		types, err = typesFor(d.p, search.Query{})
	} else if _, known := typeIndex(typ); known {
		err = d.p.Check(access.Search, typ)
	}
	if err != nil {
		return nil, d.refused(ctx, "search", typ, "", err)
	}
	labelled, err := d.labelled(ctx, types)
	if err != nil {
		return nil, err
	}
	used := map[Label]bool{}
	for _, t := range labelled {
		if err := d.labelsOfType(ctx, t, used); err != nil {
			return nil, err
		}
	}
	list := make([]Label, 0, len(used))
	for l := range used {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Label) int {
		return cmp.Or(cmp.Compare(a.Element, b.Element), cmp.Compare(a.System, b.System), cmp.Compare(a.Code, b.Code))
	})
	return list, nil
}

// labelled are those of the types that ever had labels.
func (d *Desk) labelled(ctx context.Context, types []string) (out []int16, err error) {
	var wanted []int16
	for _, t := range types {
		index, known := typeIndex(t)
		if !known {
			return nil, unknownType(t)
		}
		wanted = append(wanted, index)
	}
	if err := d.s.listOld(ctx, d.p.Tenant, wanted); err != nil {
		return nil, err
	}
	err = d.s.db.Query(ctx, labelledTypesSQL, []any{d.p.Tenant}, func(r db.Row) error {
		if i := int16(r.Int32(0)); slices.Contains(wanted, i) {
			out = append(out, i)
		}
		return nil
	})
	return out, err
}

// labelsOfType adds the labels of a type that are in use and not known to be.
func (d *Desk) labelsOfType(ctx context.Context, index int16, used map[Label]bool) error {
	typ := typeName(int32(index))
	var listed []Label
	err := d.s.db.Query(ctx, labelsSQL, []any{d.p.Tenant, index, maxLabels + 1}, func(r db.Row) error {
		listed = append(listed, Label{r.Text(0), r.Text(1), r.Text(2)})
		return nil
	})
	if err != nil {
		return err
	}
	if len(listed) > maxLabels {
		return fault.New(fault.TooCostly, "resources of the type %s have had more than %d labels, which is more than are told", typ, maxLabels)
	}
	for _, l := range listed {
		if used[l] {
			continue
		}
		if used[l], err = d.inUse(ctx, typ, l); err != nil {
			return err
		}
		if !used[l] {
			delete(used, l)
		}
	}
	return nil
}

// inUse asks the index whether a resource that the caller may see has the label.
func (d *Desk) inUse(ctx context.Context, typ string, l Label) (bool, error) {
	value := search.Escape(l.Code)
	if l.Element != "profile" {
		value = search.Escape(l.System) + "|" + value
	}
	q, _, err := search.Parse(typ, []search.Pair{{Name: "_" + l.Element, Value: value}, {Name: "_count", Value: "1"}}, search.Strict)
	if err != nil {
		return false, err
	}
	if q, err = d.permitted(q); err != nil {
		return false, d.refused(ctx, "search", typ, "", err)
	}
	page, err := d.s.find(ctx, d.p.Tenant, q)
	return len(page.Entries) > 0, err
}
