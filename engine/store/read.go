package store

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

const versionColumns = `rid, version, updated, method, deleted, body`

var readSQL = db.Same(`SELECT ` + versionColumns + ` FROM resource WHERE tenant = $1 AND type = $2 AND id = $3`)

var vreadSQL = db.Same(`SELECT h.rid, h.version, h.updated, h.method, h.deleted, h.body
	FROM resource r JOIN resource_history h ON h.tenant = r.tenant AND h.rid = r.rid
	WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3 AND h.version = $4`)

// Read returns the current version. Faults: Forbidden, Unknown, Gone. The read is on record before it returns.
func (d *Desk) Read(ctx context.Context, typ, id string) (Version, error) {
	v, err := d.seen(ctx, access.Read, typ, id, "")
	return d.shown(ctx, "read", v, d.missed(ctx, "read", typ, id, err))
}

// VRead returns one version; that of a deletion is Gone. Faults: as Read.
func (d *Desk) VRead(ctx context.Context, typ, id, version string) (Version, error) {
	v, err := d.seen(ctx, access.VRead, typ, id, version)
	return d.shown(ctx, "vread", v, d.missed(ctx, "vread", typ, id, err))
}

// missed audits a look for what is not there or not to be seen, and returns its error. An id that can be none is left out, for it
// may be anything.
func (d *Desk) missed(ctx context.Context, action, typ, id string, err error) error {
	if fault.Is(err, fault.Forbidden) {
		return d.refused(ctx, action, typ, id, err)
	}
	if _, known := typeIndex(typ); !known || !fault.Is(err, fault.Unknown) {
		return err
	}
	err, there := uncovered(err)
	if !fhir.IsID(id) {
		id = ""
	}
	e := d.entry(action, things(typ, id, 0))
	if e.Outcome, e.Reason = audit.Failed, reasonOf(err); there {
		e.Outcome = audit.Refused
	}
	if failed := d.s.audit.Record(ctx, e); failed != nil {
		return failed
	}
	return err
}

// shown audits a read before its result leaves.
func (d *Desk) shown(ctx context.Context, action string, v Version, err error) (Version, error) {
	if err != nil {
		return Version{}, err
	}
	if v, err = d.cut(ctx, v); err != nil {
		return Version{}, err
	}
	if err := d.record(ctx, d.entry(action, nil), v); err != nil {
		return Version{}, err
	}
	if v.Deleted {
		return v, fault.New(fault.Gone, "the %s was deleted", v.Type)
	}
	return v, nil
}

// current is the current version, tombstones included.
func (s *Store) current(ctx context.Context, tenant int32, typ, id string) (Version, error) {
	i, known := typeIndex(typ)
	if !known {
		return Version{}, unknownType(typ)
	}
	if from := s.sources[typ]; from != nil {
		return s.made(ctx, tenant, from, typ, id, "")
	}
	return s.single(ctx, tenant, typ, id, readSQL, tenant, i, id)
}

func (s *Store) version(ctx context.Context, tenant int32, typ, id, version string) (Version, error) {
	i, known := typeIndex(typ)
	if !known {
		return Version{}, unknownType(typ)
	}
	if version == "" {
		return s.current(ctx, tenant, typ, id)
	}
	if from := s.sources[typ]; from != nil {
		return s.made(ctx, tenant, from, typ, id, version)
	}
	n, ok := number(version)
	if !ok {
		return Version{}, fault.New(fault.Unknown, "there is no such version of the %s", typ)
	}
	v, err := s.single(ctx, tenant, typ, id, readSQL, tenant, i, id)
	if err != nil || v.Number == n {
		return v, err
	}
	v, err = s.single(ctx, tenant, typ, id, vreadSQL, tenant, i, id, n)
	if fault.Is(err, fault.Unknown) {
		err = fault.New(fault.Unknown, "there is no such version of the %s", typ)
	}
	return v, err
}

func (s *Store) single(ctx context.Context, tenant int32, typ, id string, stmt db.Text, args ...any) (Version, error) {
	v, found := Version{Type: typ, ID: id}, false
	k, err := s.keys(ctx, tenant)
	if err != nil {
		return v, err
	}
	err = s.db.Query(ctx, stmt, args, func(r db.Row) (err error) {
		found = r.Int64(1) > 0
		return k.scan(&v, r, 0)
	})
	if err == nil && !found {
		err = fault.New(fault.Unknown, "there is no such %s", typ)
	}
	return v, err
}

// scan reads versionColumns, from column at on, and opens the body.
func (k *tenantKeys) scan(v *Version, r db.Row, at int) (err error) {
	v.columns(r, at)
	if sealed := r.BytesNoCopy(at + 5); len(sealed) > 0 {
		v.Body, err = k.open(v.RID, v.Number, sealed)
	}
	return err
}

// columns reads rid, version, updated, method and deleted.
func (v *Version) columns(r db.Row, at int) {
	v.RID, v.Number, v.Updated = r.Int64(at), r.Int64(at+1), time.UnixMicro(r.Int64(at+2)).UTC()
	v.Method, v.Deleted = Method(r.Int32(at+3)), r.Bool(at+4)
}
