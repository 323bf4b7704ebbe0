package store

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Who sees a part of what there is writes as if there were nothing else: what he does not see he cannot change, and deleting it
// changes nothing; he cannot refer to it; and nothing that he writes may be outside of what he may write. An id of his own
// choice he cannot give, for whether it is taken would tell what is there.

// narrowed reports whether the member's caller sees a part only of something it writes.
func (m *member) narrowed() bool {
	return slices.ContainsFunc(m.ops, func(o *op) bool { return !o.narrow.All })
}

// inside is a compiler for what the member asks in its transaction.
func (s *Store) inside(ctx context.Context, tx db.Tx, m *member, typ string, index int16) *compiler {
	return &compiler{ctx: ctx, s: s, k: m.keys, h: m.keys.hasher, typ: typ, index: index, now: s.now().UnixMicro(), own: m.params, from: tx, most: maxSought, spent: &spent{}}
}

// blind takes away from what was loaded what the members' callers do not see.
func (s *Store) blind(ctx context.Context, tx db.Tx, l *loaded, ms []*member) error {
	for _, m := range ms {
		if m.unseen = nil; m.err != nil || !m.narrowed() {
			continue
		}
		if err := s.blindOps(ctx, tx, m); err != nil {
			return err
		}
		if err := s.blindTargets(ctx, tx, l, m); err != nil {
			return err
		}
	}
	return nil
}

// sameRight is what ops have in common that are asked for together.
type sameRight struct {
	typ string
	op  access.Op
}

func (s *Store) blindOps(ctx context.Context, tx db.Tx, m *member) error {
	asked := map[sameRight][]*op{}
	for _, o := range m.ops {
		if o.hid = false; len(o.narrow.Where) > 0 && o.found != nil {
			right := sameRight{o.typ, opOf(o.method)}
			asked[right] = append(asked[right], o)
		}
	}
	for right, ops := range asked {
		seen, rids := map[int64]bool{}, make([]int64, len(ops))
		for i, o := range ops {
			rids[i] = o.found.rid
		}
		if err := s.inside(ctx, tx, m, right.typ, ops[0].index).meeting(right.typ, ops[0].narrow.Where, rids, seen); err != nil {
			return err
		}
		for _, o := range ops {
			if !seen[o.found.rid] || !o.found.live() {
				o.found, o.hid = nil, true
			}
		}
	}
	return nil
}

// blindTargets finds out which targets of references the caller does not see.
func (s *Store) blindTargets(ctx context.Context, tx db.Tx, l *loaded, m *member) error {
	rids, ids := map[string][]int64{}, map[string][]identity{}
	for _, o := range m.ops {
		for _, r := range o.refs {
			i, known := typeIndex(r.Type)
			id := identity{m.p.Tenant, i, r.ID}
			if t := l.targets[id]; known && t.exists && r.Kind == fhir.RefRelative && !m.sight.p.Whole(access.Read, r.Type) {
				rids[r.Type], ids[r.Type] = append(rids[r.Type], t.rid), append(ids[r.Type], id)
			}
		}
	}
	m.unseen = map[identity]bool{}
	for typ, list := range rids {
		seen := map[int64]bool{}
		n, err := m.sight.may(access.Read, typ)
		if err == nil {
			err = s.inside(ctx, tx, m, typ, ids[typ][0].index).meeting(typ, n.Where, list, seen)
		}
		if err != nil && !fault.Is(err, fault.Forbidden) {
			return err
		}
		for i, id := range ids[typ] {
			m.unseen[id] = !seen[list[i]]
		}
	}
	return nil
}

// stood reports whether a reference that the caller cannot follow stands in the version that he changes: he need not take it out.
func (m *member) stood(to resolved, old fhir.Resource, base string) bool {
	return m.unseen != nil && old.Exists() && refersTo(old, to, base)
}

// unknown refuses to change what is not there, or not seen, for who sees a part.
func (o *op) unknown() error {
	if o.narrow.All || o.method == Post || o.method == Delete || o.made || o.found.live() {
		return nil
	}
	err := error(fault.New(fault.Unknown, "there is no such %s; who sees a part of them creates one by POST", o.typ))
	if o.hid {
		err = hidden{err}
	}
	return err
}

// contain refuses what would be outside of what the members' callers may write.
func (s *Store) contain(ctx context.Context, tx db.Tx, ms []*member) error {
	for _, m := range ms {
		if m.err != nil || !m.narrowed() {
			continue
		}
		for _, o := range m.ops {
			ok, err := s.contained(ctx, tx, m, o)
			if err != nil {
				return err
			}
			if !ok {
				m.err = o.wrap(fault.New(fault.Forbidden, "this %s would be outside of what you may write", o.typ))
				break
			}
		}
	}
	return nil
}

func (s *Store) contained(ctx context.Context, tx db.Tx, m *member, o *op) (bool, error) {
	right, writes := map[Effect]access.Op{Created: access.Create, Updated: access.Update}[o.effect]
	if !writes {
		return true, nil
	}
	n, err := m.sight.may(right, o.typ)
	if err != nil || len(n.Where) == 0 {
		return err == nil, unless(!fault.Is(err, fault.Forbidden), err)
	}
	ok, err := s.inside(ctx, tx, m, o.typ, o.index).judge(n.Where, []Version{{Type: o.typ, ID: o.id, Body: o.plain}})
	return err == nil && ok[0], err
}

// unseen puts on record what was not deleted because it was not seen.
func (d *Desk) unseen(ctx context.Context, m *member) error {
	for _, o := range m.ops {
		if !o.hid || o.method != Delete {
			continue
		}
		e := d.entry("delete", things(o.typ, o.id, 0))
		e.Outcome = audit.Refused
		if err := d.s.audit.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// visible is the current version of a resource that meets the conditions. Faults: Unknown.
func (s *Store) visible(ctx context.Context, tenant int32, typ, id string, where []search.Clause) (Version, error) {
	if len(where) == 0 {
		return s.current(ctx, tenant, typ, id)
	}
	c, err := s.compiler(ctx, tenant, typ)
	if err != nil {
		return Version{}, err
	}
	return c.seen(where, id)
}
