package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// labelled is a resource with labels: "p" and a URL, "s" or "t" and system|code.
func labelled(t *testing.T, typ, id string, list ...string) fhir.Resource {
	t.Helper()
	parts := map[byte][]string{}
	for _, l := range list {
		value := fmt.Sprintf("%q", l[1:])
		if l[0] != 'p' {
			system, code, _ := strings.Cut(l[1:], "|")
			value = fmt.Sprintf(`{"system":%q,"code":%q}`, system, code)
			if system == "" {
				value = fmt.Sprintf(`{"code":%q,"display":"x"}`, code)
			}
		}
		parts[l[0]] = append(parts[l[0]], value)
	}
	text := fmt.Sprintf(`{"resourceType":%q,"id":%q,"meta":{"source":"http://x"`, typ, id)
	for _, name := range []string{"profile", "security", "tag"} {
		if v := parts[name[0]]; len(v) > 0 {
			text += fmt.Sprintf(`,%q:[%s]`, name, strings.Join(v, ","))
		}
	}
	r, err := fhir.Parse([]byte(text+"}}"), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func labelsAre(t *testing.T, desk *store.Desk, typ string, want ...string) {
	t.Helper()
	list, err := desk.Labels(t.Context(), typ)
	if err != nil {
		t.Error(typ, err)
		return
	}
	var got []string
	for _, l := range list.List {
		text := l.Element[:1] + l.System + "|" + l.Code
		if l.Element == "profile" {
			text = "p" + l.Code
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("labels of %q: %q, want %q", typ, got, want)
	}
}

// labelStore holds resources with labels, and nobody has asked for these yet.
func labelStore(t *testing.T, d *db.DB) (*store.Store, *store.Desk) {
	s := openOn(t, d, store.Options{})
	desk := s.As(storetest.Caller(1))
	for _, r := range []fhir.Resource{
		labelled(t, "Patient", "1", "phttp://p/a|1.0", "shttp://s|R", "thttp://t|x,y"),
		labelled(t, "Patient", "2", "phttp://p/a|1.0", "t|bare", "thttp://t|x,y"),
		labelled(t, "Basic", "3", "thttp://t|x,y", "thttp://t|basic"),
	} {
		if _, err := desk.Update(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return s, desk
}

// TestLabelsAreThoseInUse of current versions, not those of past or deleted ones.
func TestLabelsAreThoseInUse(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s, desk := labelStore(t, d)
		labelsAre(t, desk, "Patient", "phttp://p/a|1.0", "shttp://s|R", "t|bare", "thttp://t|x,y")
		labelsAre(t, desk, "Basic", "thttp://t|basic", "thttp://t|x,y")
		labelsAre(t, desk, "Device")
		labelsAre(t, desk, "", "phttp://p/a|1.0", "shttp://s|R", "t|bare", "thttp://t|basic", "thttp://t|x,y")
		labelsAre(t, s.As(storetest.Caller(2)), "")
		if _, err := desk.Update(t.Context(), labelled(t, "Patient", "1", "shttp://s|N")); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Delete(t.Context(), "Basic", "3"); err != nil {
			t.Fatal(err)
		}
		labelsAre(t, desk, "", "phttp://p/a|1.0", "shttp://s|N", "t|bare", "thttp://t|x,y")
		narrow, err := access.ParseScopes("system/Basic.cruds")
		if err != nil {
			t.Fatal(err)
		}
		of := s.As(access.Principal{Tenant: 1, Subject: "s", Client: "c", Scopes: narrow})
		labelsAre(t, of, "")
		if _, err := of.Labels(t.Context(), "Patient"); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		if _, err := desk.Labels(t.Context(), "Nothing"); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
	})
}

// TestLabelsOfADatabaseFromBeforeTheList are found in the bodies, once.
func TestLabelsOfADatabaseFromBeforeTheList(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		_, desk := labelStore(t, d)
		for _, stmt := range []string{`DELETE FROM ix_label`, `UPDATE store_counter SET next = (SELECT max(rid) + 1 FROM resource) WHERE name = 'labels'`} {
			if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			labelsAre(t, desk, "Patient", "phttp://p/a|1.0", "shttp://s|R", "t|bare", "thttp://t|x,y")
			labelsAre(t, desk, "Basic", "thttp://t|basic", "thttp://t|x,y")
		}
		if _, err := d.Exec(t.Context(), db.Same(`DELETE FROM ix_label`)); err != nil {
			t.Fatal(err)
		}
		labelsAre(t, desk, "Patient")
	})
}

// manyTagged is a resource with the tags from one number to another.
func manyTagged(t *testing.T, id string, from, to int) fhir.Resource {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprintf("thttp://t|%05d", i))
	}
	return labelled(t, "Basic", id, list...)
}

// TestLabelsThatNothingHasAnyMoreCount for nothing, and leave the list with the unused values; who writes them again lists them again.
func TestLabelsThatNothingHasAnyMoreCount(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk, ctx := s.As(storetest.Caller(1)), t.Context()
		for i := range 4 {
			if _, err := desk.Update(ctx, manyTagged(t, "a", i*700, i*700+700)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := desk.Update(ctx, labelled(t, "Basic", "a", "thttp://t|x")); err != nil {
			t.Fatal(err)
		}
		labelsAre(t, desk, "Basic", "thttp://t|x")
		labelsAre(t, desk, "", "thttp://t|x")
		done, err := s.RepairIndex(ctx, 1, func(int64, int64, *store.IndexFault) {})
		if err != nil || done.Unused != 2*2800 || rows(t, d, "ix_label") != 1 { // each tag is listed for $meta, and for orders by _tag
			t.Errorf("%+v %v; %d rows", done, err, rows(t, d, "ix_label"))
		}
		if _, err := desk.Update(ctx, labelled(t, "Basic", "a", "thttp://t|00007")); err != nil {
			t.Fatal(err)
		}
		labelsAre(t, desk, "Basic", "thttp://t|00007")
		if report, err := s.CheckIndex(ctx, 1, 0, 0); err != nil || len(report.Faults) > 0 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// TestMoreLabelsThanAreTold are told in part, and that it is a part.
func TestMoreLabelsThanAreTold(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk := s.As(storetest.Caller(1))
		for i := range 11 {
			if _, err := desk.Update(t.Context(), manyTagged(t, fmt.Sprint("a", i), i*1000, i*1000+1000)); err != nil {
				t.Fatal(err)
			}
		}
		list, err := desk.Labels(t.Context(), "")
		if err != nil || len(list.List) != 10_000 || len(list.Warnings) != 1 || !strings.Contains(list.Warnings[0].Text, "not all") {
			t.Errorf("%d labels, %+v, %v", len(list.List), list.Warnings, err)
		}
		if _, err := desk.Delete(t.Context(), "Basic", "a3"); err != nil {
			t.Fatal(err)
		}
		list, err = desk.Labels(t.Context(), "Basic")
		if err != nil || len(list.List) != 10_000 || len(list.Warnings) > 0 {
			t.Errorf("%d labels, %+v, %v", len(list.List), list.Warnings, err)
		}
	})
}

// TestLabelsOfOldResourcesAreListedByTheJob, so that nobody who asks has to wait for it.
func TestLabelsOfOldResourcesAreListedByTheJob(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s, _ := labelStore(t, d)
		for _, stmt := range []string{`DELETE FROM ix_label`, `UPDATE store_counter SET next = (SELECT max(rid) + 1 FROM resource) WHERE name = 'labels'`} {
			if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.RepairIndex(t.Context(), 1, func(int64, int64, *store.IndexFault) {}); err != nil || rows(t, d, "ix_label") != 6 {
			t.Errorf("%d rows, %v", rows(t, d, "ix_label"), err)
		}
	})
}

// TestAWalkNeverGoesBack, although another has come further meanwhile.
func TestAWalkNeverGoesBack(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		openOn(t, d, store.Options{})
		for _, next := range []int64{500, 300} {
			if _, err := d.Exec(t.Context(), store.LabelWalkDone, 1, 2, next); err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, d, `SELECT next FROM label_walk`); n != 500 {
			t.Error(n)
		}
	})
}

// TestTheHashOfALabelIsTheTenantsOwn: who knows no seed can make no two labels with one hash.
func TestTheHashOfALabelIsTheTenantsOwn(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		for tenant := range 2 {
			if _, err := s.As(storetest.Caller(int32(tenant)+1)).Update(t.Context(), labelled(t, "Basic", "a", "thttp://t|x")); err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, d, `SELECT COUNT(DISTINCT hash) FROM ix_label`); n != 2 {
			t.Error(n)
		}
	})
}

func rows(t *testing.T, d *db.DB, table string) int64 {
	return number(t, d, "SELECT COUNT(*) FROM "+table)
}

func number(t *testing.T, d *db.DB, sql string) (n int64) {
	t.Helper()
	err := d.Query(t.Context(), db.Same(sql), nil, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
