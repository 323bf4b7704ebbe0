package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/search"
)

// The rows of a database that an older program has made may lack some that searches ask for. Each tenant has an edition of
// the form of its rows; a job brings those of an older one up to date (renew.go). Until then searches that ask for such rows say so.

// IndexForm says in which form the index rows of a tenant are.
type IndexForm struct {
	Edition int   // index.Edition of the program that has made them all
	Done    int64 // resources that the job has looked at, if the edition is an old one
	Total   int64 // of so many; 0: not counted yet
}

// Whole reports whether all rows are of the form that searches ask for.
func (f IndexForm) Whole() bool { return f.Edition >= index.Edition }

// Far says how far the job is.
func (f IndexForm) Far() string {
	if f.Total == 0 {
		return "the work has not begun yet"
	}
	return fmt.Sprintf("%d of %d resources are done", f.Done, f.Total)
}

var (
	formSQL  = db.Same(`SELECT edition, done, total FROM index_form WHERE tenant = $1`)
	bornSQL  = db.Same(`INSERT INTO index_form (tenant, edition, done, total) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING`)
	movedSQL = db.Same(`UPDATE index_form SET done = $2, total = $3 WHERE tenant = $1`)
	wholeSQL = db.Same(`UPDATE index_form SET edition = $2 WHERE tenant = $1 AND edition < $2`)
	olderSQL = db.Same(`SELECT tenant FROM index_form WHERE edition < $1 ORDER BY tenant`)
)

// readForm reads the form of a tenant's rows, and whether there is a tenant: where there are no rows, all are as they should be.
func readForm(ctx context.Context, from asked, tenant int32) (f IndexForm, born bool, err error) {
	f.Edition = index.Edition
	err = from.Query(ctx, formSQL, []any{tenant}, func(r db.Row) error {
		f, born = IndexForm{int(r.Int64(0)), r.Int64(1), r.Int64(2)}, true
		return nil
	})
	return f, born, err
}

// The newest program that has written to a database says so (store_counter, "index edition"). An older one is not opened on it any
// more, and where it runs already, it goes on reading and writes no more: it would leave rows that searches do not ask for. It hears
// of it by the edition of the tenant's search parameters, under which alone writers commit.

var (
	leastSQL = db.Same(`SELECT next FROM store_counter WHERE name = 'index edition'`)
	claimSQL = db.Same(`INSERT INTO store_counter (name, next) VALUES ('index edition', $1)
		ON CONFLICT (name) DO UPDATE SET next = excluded.next WHERE store_counter.next < excluded.next`)
)

// claim says that this program writes. Faults: as mayClaim.
func (s *Store) claim(ctx context.Context, tx db.Tx) error {
	least, err := mayClaim(ctx, tx)
	if err == nil && least < index.Edition {
		_, err = tx.Exec(ctx, claimSQL, index.Edition)
	}
	return err
}

// mayClaim gives the edition of who has written. Faults: Unavailable if it is a newer one.
func mayClaim(ctx context.Context, from asked) (least int, err error) {
	err = from.Query(ctx, leastSQL, nil, func(r db.Row) error {
		least = int(r.Int64(0))
		return nil
	})
	if err == nil {
		err = outgrown(least)
	}
	return least, err
}

// outgrown is the fault of a program that is older than the rows.
func outgrown(least int) error {
	if least <= index.Edition {
		return nil
	}
	return fault.New(fault.Unavailable, "a newer version of the program keeps the search index of this database (edition %d, this one knows %d), so this one writes no more: restart with that version", least, index.Edition)
}

// bear notes, before the first resource of a tenant is written, that its rows will be of the form of this program.
func (s *Store) bear(ctx context.Context, tenant int32) error {
	if _, born, err := readForm(ctx, s.db, tenant); err != nil || born || s.reading {
		return err
	}
	return s.db.Write(ctx, func(tx db.Tx) error {
		if err := s.claim(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, bornSQL, tenant, index.Edition)
		return err
	})
}

// ReadForm is for who only looks at a database, beside the process that holds it.
func ReadForm(ctx context.Context, d *db.DB, tenant int32) (IndexForm, error) {
	if made, err := d.HasTable(ctx, "index_form"); err != nil || !made {
		return IndexForm{}, err
	}
	f, _, err := readForm(ctx, d, tenant)
	return f, err
}

// RenewIndex asks for the job that brings the index of each tenant to the form of this program, where it is older, and lets older
// processes that write in it know that they must not. Several processes may ask: there is one job for each tenant and edition.
func (s *Store) RenewIndex(ctx context.Context) error {
	var tenants []int32
	err := s.db.Query(ctx, olderSQL, []any{index.Edition}, func(r db.Row) error {
		tenants = append(tenants, r.Int32(0))
		return nil
	})
	if err == nil && len(tenants) > 0 && s.jobs == nil {
		err = errors.New("the store has no queue of jobs")
	}
	if err != nil || len(tenants) == 0 {
		return err
	}
	for _, t := range tenants {
		if err := s.renewTenant(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) renewTenant(ctx context.Context, tenant int32) error {
	defer s.book.forget(tenant)
	return s.db.Write(ctx, func(tx db.Tx) error {
		if err := tenantAlone(ctx, tx, tenant); err != nil {
			return err
		}
		if err := tx.Query(ctx, nextEdition, []any{tenant}, func(db.Row) error { return nil }); err != nil {
			return err
		}
		_, err := s.jobs.Enqueue(ctx, tx, jobs.Order{Tenant: tenant, Kind: RenewKind, Key: fmt.Sprint("edition ", index.Edition)})
		return err
	})
}

// lacks names what a query asks of rows that are not of the form of this program: strings that are listed once, and what is
// contained in others.
func (f IndexForm) lacks(q search.Query) (names []string) {
	if f.Whole() {
		return nil
	}
	if q.Contained != search.ContainedFalse {
		names = append(names, "_contained")
	}
	for _, k := range q.Clauses {
		if leadsInside(k) {
			names = append(names, search.Printable(k.Name))
		}
	}
	names = sharing(names, q.Clauses)
	slices.Sort(names)
	return slices.Compact(names)
}

// leadsInside reports whether a condition may hold for what a resource contains without being asked to.
func leadsInside(k search.Clause) bool {
	return k.Form == search.Join && !k.Reverse || k.Form != search.Join && slices.ContainsFunc(k.Sub, leadsInside)
}

// sharing names the conditions that ask for a part of a string that resources share.
func sharing(names []string, list []search.Clause) []string {
	for _, k := range list {
		if names = sharing(names, k.Sub); asksForPart(k) {
			names = append(names, search.Printable(k.Name))
		}
	}
	return names
}

func asksForPart(k search.Clause) bool {
	switch k.Modifier {
	case search.Text:
		return true
	case search.Below, search.Contains, search.Begins, search.Ends:
		return k.Param.Type == "uri" && (k.Type == "" || index.SharesURI(k.Type, k.Param))
	}
	return false
}
