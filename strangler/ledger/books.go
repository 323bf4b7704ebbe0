package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// book is a table of the books: its columns beside the tenant, each with the letter of its kind: i an integer, t a text,
// b bytes.
type book struct{ name, columns, kinds string }

// books are all tables that a run writes. That of the name spaces is left out: it is settled before the run, and all ids
// say what it holds.
func books() []book {
	return []book{
		{"strangler_name", `id, name`, "it"},
		{"strangler_link", `tbl, key, slot, type, id, version, state, digest`, "ibiibiib"},
		{"strangler_row", rowFields, "ibbiiibbbii"},
		{"strangler_quarantine", heldFields, "iibittttt" + "bii"},
		{"strangler_run", runFields, "itttt" + "tiiii"},
		{"strangler_step", `run, ` + stepFields, "iiiiibiiii"},
		{"strangler_chunk", `run, step, seq, upto, snapshot, rows, at`, "iiibbii"},
		{"strangler_finding", `run, map, what, count`, "iiii"},
	}
}

// digest sums up the tenant's rows of the table.
func (b book) digest(ctx context.Context, tx db.Tx, tenant int32, h *Hasher) (d Digest, err error) {
	scratch, name := []byte(nil), []byte(b.name)
	stmt := db.Same(`SELECT ` + b.columns + ` FROM ` + b.name + ` WHERE tenant = $1`)
	err = tx.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		scratch = b.append(scratch[:0], r)
		d.Add(h.Leaf(name, scratch))
		return nil
	})
	return d, err
}

func (b book) append(dst []byte, r db.Row) []byte {
	for i, kind := range []byte(b.kinds) {
		switch {
		case r.IsNull(i):
			dst = append(dst, 0)
		case kind == 'i':
			dst = binary.AppendVarint(append(dst, 1), r.Int64(i))
		case kind == 't':
			dst = appendText(append(dst, 2), r.Text(i))
		default:
			v := r.BytesNoCopy(i)
			dst = append(binary.AppendUvarint(append(dst, 3), uint64(len(v))), v...)
		}
	}
	return dst
}

var putSeal = db.Same(`INSERT INTO strangler_seal (tenant, book, digest) VALUES ($1, $2, $3)
	ON CONFLICT (tenant, book) DO UPDATE SET digest = excluded.digest`)

// Seal sums up all books as they are, so that Broken can tell later whether they were changed by others.
func Seal(ctx context.Context, tx db.Tx, tenant int32, h *Hasher) error {
	for _, b := range books() {
		d, err := b.digest(ctx, tx, tenant, h)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, putSeal, tenant, b.name, d.Append(nil)); err != nil {
			return err
		}
	}
	return nil
}

// Intact refuses to write on in books that somebody else has changed since they were sealed: sealing them anew would hide
// it. While a run is at work, or after one that died, they are not sealed. Faults: Conflict, with the tables.
func Intact(ctx context.Context, d *db.DB, tenant int32, h *Hasher) error {
	return d.Read(ctx, func(tx db.Tx) error {
		sealed, open := false, false
		err := tx.Query(ctx, db.Same(`SELECT state FROM strangler_run WHERE tenant = $1`), []any{tenant}, func(r db.Row) error {
			sealed, open = true, open || RunState(r.Int32(0)) == Running
			return nil
		})
		if err != nil || !sealed || open {
			return err
		}
		names, _, err := Broken(ctx, tx, tenant, h)
		if err == nil && len(names) > 0 {
			err = fault.New(fault.Conflict, "somebody else has changed the books since the last run: %s. ficus migrate verify tells more; to write on all the same, run with --afresh", strings.Join(names, ", "))
		}
		return err
	})
}

// Broken names the tables of the books that do not hold what they did when they were sealed, and says how many rows they
// have. No run may be at work.
func Broken(ctx context.Context, tx db.Tx, tenant int32, h *Hasher) (names []string, rows int64, err error) {
	sealed := map[string][]byte{}
	err = tx.Query(ctx, db.Same(`SELECT book, digest FROM strangler_seal WHERE tenant = $1`), []any{tenant}, func(r db.Row) error {
		sealed[r.Text(0)] = r.Bytes(1)
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	for _, b := range books() {
		d, err := b.digest(ctx, tx, tenant, h)
		if err != nil {
			return nil, 0, err
		}
		rows += d.Count
		if !bytes.Equal(sealed[b.name], d.Append(nil)) {
			names = append(names, b.name)
		}
		delete(sealed, b.name)
	}
	if len(sealed) > 0 {
		names = append(names, "strangler_seal")
	}
	return names, rows, nil
}
