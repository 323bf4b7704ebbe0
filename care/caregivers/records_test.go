package caregivers

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// both runs a story on each database, with the tables of the module in place and keys for tenants 1 and 2.
func both(t *testing.T, story func(t *testing.T, d *db.DB, sinks map[string]store.RecordSink)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := vault.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		v, err := vault.Open(t.Context(), d, vault.Options{Key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})
		if err != nil {
			t.Fatal(err)
		}
		for tenant := range int32(2) {
			if _, err := v.Sealer(t.Context(), tenant+1); err != nil {
				t.Fatal(err)
			}
		}
		ms := care.Modules{Module(v)}
		if err := ms.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		story(t, d, ms.Sinks())
	})
}

func apply(t *testing.T, d *db.DB, s store.RecordSink, tenant int32, records ...store.Record) error {
	t.Helper()
	return d.Write(t.Context(), func(tx db.Tx) error { return s.Apply(t.Context(), tx, tenant, records) })
}

func read(t *testing.T, d *db.DB, s store.RecordSink, tenant int32, ids ...string) (records []store.Record) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) (err error) {
		records, err = s.Read(t.Context(), tx, tenant, ids)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(records, func(a, b store.Record) int { return strings.Compare(a.ID, b.ID) })
	return records
}

// full has a value in every field, odd ones where the kind allows them.
func full(t care.Table, id, text string) store.Record {
	r := store.Record{ID: id, Values: map[string]*string{}}
	for _, f := range t.Fields {
		v := map[care.Kind]string{
			care.Text: text, care.Int: "-9223372036854775808", care.Instant: "1969-12-31T23:59:59.999999Z", care.Bool: "true", care.Sealed: text + "\x00\xff",
		}[f.Kind]
		r.Values[f.Name] = &v
	}
	return r
}

// least has nothing in the fields that may be missing, and empty texts.
func least(t care.Table, id string) store.Record {
	r := store.Record{ID: id, Values: map[string]*string{}}
	for _, f := range t.Fields {
		v := map[care.Kind]string{care.Text: "", care.Int: "0", care.Instant: "2020-02-29T00:00:00.000000Z", care.Bool: "false", care.Sealed: ""}[f.Kind]
		if r.Values[f.Name] = &v; f.Null {
			r.Values[f.Name] = nil
		}
	}
	return r
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, sinks map[string]store.RecordSink) {
		for _, table := range []care.Table{question, answer, device, account} {
			s := sinks[table.Name]
			a, b := full(table, "a", "l'été – 日本"), least(table, "b")
			if err := apply(t, d, s, 1, a, b); err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
			if diff := cmp.Diff([]store.Record{a, b}, read(t, d, s, 1, "b", "nobody", "a")); diff != "" {
				t.Errorf("%s: %s", table.Name, diff)
			}
			if got := read(t, d, s, 2, "a", "b"); len(got) != 0 {
				t.Errorf("%s: another tenant reads %d records", table.Name, len(got))
			}
			replaced := full(table, "a", "other")
			if err := apply(t, d, s, 1, least(table, "a"), replaced); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]store.Record{replaced}, read(t, d, s, 1, "a")); diff != "" {
				t.Errorf("%s: %s", table.Name, diff)
			}
		}
	})
}

func TestRecordsAreListedHeldAndDeleted(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, sinks map[string]store.RecordSink) {
		for _, table := range []care.Table{question, answer, device, account} {
			s := sinks[table.Name]
			var all []store.Record
			for _, id := range []string{"c", "a", "e", "b", "d"} {
				all = append(all, full(table, id, "x"))
			}
			for tenant := range int32(2) {
				if err := apply(t, d, s, tenant+1, all...); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Join(list(t, d, s, 2), ""); got != "abcde" {
				t.Errorf("%s: %s", table.Name, got)
			}
			err := d.Write(t.Context(), func(tx db.Tx) error {
				held, err := s.Hold(t.Context(), tx, 1, []string{"d", "nobody", "b"})
				slices.SortFunc(held, func(a, b store.Record) int { return strings.Compare(a.ID, b.ID) })
				if diff := cmp.Diff([]store.Record{full(table, "b", "x"), full(table, "d", "x")}, held); diff != "" {
					t.Errorf("%s: %s", table.Name, diff)
				}
				if err != nil {
					return err
				}
				return s.Delete(t.Context(), tx, 1, []string{"d", "nobody", "b"})
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(list(t, d, s, 1), "") + " " + strings.Join(list(t, d, s, 2), ""); got != "ace abcde" {
				t.Errorf("%s: %s", table.Name, got)
			}
		}
	})
}

// list gives all ids, two at a time.
func list(t *testing.T, d *db.DB, s store.RecordSink, tenant int32) (ids []string) {
	t.Helper()
	for after := ""; ; after = ids[len(ids)-1] {
		var page []string
		err := d.Read(t.Context(), func(tx db.Tx) (err error) {
			page, err = s.List(t.Context(), tx, tenant, after, 2)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, page...); len(page) < 2 {
			return ids
		}
	}
}

func TestWhatAFieldCannotHoldIsRefused(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, sinks map[string]store.RecordSink) {
		for field, values := range map[string][]string{
			"username":      {"\x00", "\xff"},
			"attempts":      {"", "007", "+1", "1.0", "9223372036854775808", "one"},
			"trusted":       {"", "1", "TRUE", "t"},
			"timeout_until": {"", "2020-02-29", "2020-02-29T00:00:00Z", "2020-02-29T01:00:00.000000+01:00", "0000-00-00T00:00:00.000000Z"},
		} {
			for _, v := range values {
				r := full(device, "a", "secret")
				r.Values[field] = &v
				if err := apply(t, d, sinks[device.Name], 1, r); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), field) {
					t.Errorf("%s = %q: %v", field, v, err)
				}
			}
		}
		missing := full(device, "a", "secret")
		delete(missing.Values, "username")
		if err := apply(t, d, sinks[device.Name], 1, missing); !fault.Is(err, fault.Invalid) {
			t.Errorf("without username: %v", err)
		}
		more, x := full(device, "a", "secret"), "x"
		more.Values["colour"] = &x
		if err := apply(t, d, sinks[device.Name], 1, more); !fault.Is(err, fault.Internal) {
			t.Errorf("with a colour: %v", err)
		}
		if got := read(t, d, sinks[device.Name], 1, "a"); len(got) != 0 {
			t.Errorf("%d records are there all the same", len(got))
		}
	})
}

// TestSealedFieldsAreSealed looks for the secret in every table, and moves a sealed field to another row.
func TestSealedFieldsAreSealed(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, sinks map[string]store.RecordSink) {
		s := sinks[answer.Name]
		one, two := full(answer, "a", "x"), full(answer, "b", "x")
		secret := "5ed4c7167f059c5b864fd775f527c5a8"
		one.Values["answer"] = &secret
		if err := apply(t, d, s, 1, one, two); err != nil {
			t.Fatal(err)
		}
		err := d.Query(t.Context(), db.Same("SELECT answer FROM caregivers_answer"), nil, func(r db.Row) error {
			if strings.Contains(string(r.Bytes(0)), secret[:8]) {
				t.Error("the answer can be read")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		move := db.Same("UPDATE caregivers_answer SET answer = (SELECT answer FROM caregivers_answer WHERE id = 'a') WHERE id = 'b'")
		if _, err := d.Exec(t.Context(), move); err != nil {
			t.Fatal(err)
		}
		err = d.Read(t.Context(), func(tx db.Tx) error {
			_, err := s.Read(t.Context(), tx, 1, []string{"b"})
			return err
		})
		if !fault.Is(err, fault.Internal) {
			t.Errorf("a moved answer opens: %v", err)
		}
	})
}

func TestTheModuleHoldsTogether(t *testing.T) {
	ms := care.Modules{Module(nil)}
	if err := ms.Check(); err != nil {
		t.Error(err)
	}
	want := []string{"caregivers.Account", "caregivers.Device", "caregivers.SecurityAnswer", "caregivers.SecurityQuestion"}
	if got := slices.Sorted(maps.Keys(ms.Sinks())); !slices.Equal(got, want) {
		t.Errorf("records %v", got)
	}
}
