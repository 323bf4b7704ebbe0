package store

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/db"
)

// giant is how many locks a group may hold, because the server's lock table is finite and all groups of all processes share
// it. A member that needs more takes its tenant as a whole instead.
const giant = 2000

// A lock keeps two groups of different processes, or of two writers of one
// process, off the same thing until commit. Shared ones are taken on what is
// only pointed at. SQLite has one writer and needs none.
type lock struct {
	key    int64
	shared bool
}

var lockSQL = db.Text{
	SQLite: `SELECT 1`,
	Postgres: `SELECT CASE WHEN q.shared THEN pg_advisory_xact_lock_shared(q.key)::text ELSE pg_advisory_xact_lock(q.key)::text END
		FROM unnest($1::int8[], $2::bool[]) AS q(key, shared)`,
}

// locks lists what the members need, each key once, in the order in which all groups take them.
func locks(ms []*member) []lock {
	var out []lock
	for _, m := range ms {
		tenant := lock{lockKey(m.p.Tenant, -1, ""), !m.whole()}
		if tenant.shared {
			out = append(out, m.locks...)
		}
		out = append(out, tenant)
	}
	return inOrder(out)
}

// inOrder sorts locks and leaves each key once, exclusive if it is anywhere.
func inOrder(out []lock) []lock {
	slices.SortFunc(out, func(a, b lock) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return boolOrder(a.shared) - boolOrder(b.shared)
	})
	return slices.CompactFunc(out, func(a, b lock) bool { return a.key == b.key })
}

// needs is how many locks the member needs, those of what its conditions will find included.
func (m *member) needs() int {
	n := len(m.locks)
	for _, c := range m.conditions {
		if !c.foreseen {
			n += maxHeld
		}
	}
	return n
}

// whole reports whether the member has its tenant to itself.
func (m *member) whole() bool { return m.alone != nil || m.defines || m.needs() > giant }

// holds is how many locks the member adds to those of its group.
func (m *member) holds() int {
	if m.whole() {
		return 1
	}
	return m.needs() + 1
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *member) lockList() []lock {
	var out []lock
	for id, t := range m.claims() {
		out = append(out, lock{claimKey(id), t&searches == 0})
	}
	for _, o := range m.ops {
		if o.method != Post {
			out = append(out, lock{lockKey(m.p.Tenant, o.index, o.id), false})
		}
		if o.method == Delete && m.integrity {
			out = append(out, lock{beingKey(m.p.Tenant, o.index, o.id), false})
		}
		for _, r := range o.refs {
			if i, ok := typeIndex(r.Type); ok && r.ID != "" && m.integrity {
				out = append(out, lock{beingKey(m.p.Tenant, i, r.ID), true})
			}
		}
	}
	return inOrder(out)
}

// lockKey is the advisory lock's number of a resource (index -1: of the tenant):
// who has it may write the resource.
func lockKey(tenant int32, index int16, id string) int64 { return advisory(0xf1c05, tenant, index, id) }

// beingKey is a second lock of a resource: shared by those who point at it, so
// that nobody deletes it meanwhile; new versions of it are no concern of theirs.
func beingKey(tenant int32, index int16, id string) int64 {
	return advisory(0xf1c06, tenant, index, id)
}

// claimKey is the lock of what conditional writes look for, or of what they may be found by.
func claimKey(id identity) int64 { return advisory(0xf1c07, id.tenant, id.index, id.id) }

func advisory(seed uint64, tenant int32, index int16, id string) int64 {
	var b [6 + 64]byte
	binary.LittleEndian.PutUint32(b[:], uint32(tenant))
	binary.LittleEndian.PutUint16(b[4:], uint16(index))
	return int64(xxh3.HashSeed(append(b[:6], id...), seed))
}
