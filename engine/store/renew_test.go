package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
)

// aged makes the index what an older program has made of it: a string for each value that is shared, rows that nobody asks for,
// none for what is contained, and other things that may have been.
func (x *defining) aged() {
	x.Helper()
	for _, sql := range []string{
		`INSERT INTO ix_string (tenant, hash, value, rid, exact) SELECT DISTINCT v.tenant, v.hash, v.value, t.rid, 0
			FROM ix_value v JOIN ix_token t ON t.tenant = v.tenant AND t.hash = v.key`,
		`DELETE FROM ix_token WHERE hash IN (SELECT key FROM ix_value)`,
		`DELETE FROM ix_value`,
		`DELETE FROM ix_unit`,
		`DELETE FROM ix_token WHERE rid IN (SELECT rid FROM resource WHERE id LIKE 'c%')`,
		`INSERT INTO ix_token (tenant, hash, rid, system) SELECT tenant, 17 + rid, rid, 5 FROM resource`,
		`INSERT INTO ix_date (tenant, hash, lo, hi, rid) SELECT tenant, 18, 1, 2, rid FROM resource`,
		`INSERT INTO ix_number (tenant, hash, lo, hi, code, system, rid) SELECT tenant, 19, 0.1, 2e300, -4, -5, rid FROM resource`,
		`INSERT INTO ix_ref (tenant, target, hash, rid) SELECT tenant, rid, 20, rid FROM resource`,
		`INSERT INTO ix_string (tenant, hash, value, rid, exact) VALUES (1, 21, 'of nothing', 123456789, 7)`,
		`DELETE FROM ix_ref WHERE hash <> 20 AND rid % 5 = 1`,
		`DELETE FROM ix_date WHERE hash <> 18 AND rid % 5 = 2`,
		`UPDATE resource SET present = 'x' WHERE version > 0 AND rid % 5 = 3`,
		`UPDATE resource SET shared = NULL`,
		`DELETE FROM ix_label`,
		`UPDATE index_form SET edition = 0`,
	} {
		if _, err := x.db.Exec(x.Context(), db.Same(sql)); err != nil {
			x.Fatal(sql, err)
		}
	}
}

// again opens a second store on the database, as a server does that starts.
func (x *defining) again() *defining {
	x.Helper()
	y := *x
	o := store.Options{Jobs: x.queue}
	o.Vault, o.Audit = storetest.KeysIn(x.T, x.db, x.folder)
	y.store = openOn(x.T, x.db, o)
	y.desk = y.store.As(storetest.Caller(1))
	return &y
}

// whole waits until the index has the form of this program.
func (x *defining) whole() {
	x.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		form, err := store.ReadForm(x.Context(), x.db, 1)
		if err != nil {
			x.Fatal(err)
		}
		if form.Whole() {
			return
		}
	}
	list, _ := x.queue.List(x.Context(), 1, 0, 10)
	x.Fatalf("the index is not whole: %+v", list)
}

// mixed is a resource with a name, a unit, a reference, and every fourth time something that it contains.
func mixed(i int, word string) string {
	held := ""
	if i%4 == 0 {
		held = fmt.Sprintf(`"contained":[{"resourceType":"Substance","id":"s","code":{"text":"inner %s"}}],"specimen":{"reference":"#s"},`, word)
	}
	return fmt.Sprintf(`{"resourceType":"Observation","id":"%s%d","status":"final","meta":{"profile":["http://p/%s"]},%s"subject":{"reference":"Patient/p"},"effectiveDateTime":"2020-01-%02d",
		"code":{"text":"name %s","coding":[{"system":"http://c","code":"c%d"}]},"valueQuantity":{"value":%d,"system":"http://unitsofmeasure.org","code":"%s"}}`,
		[]string{"c", "o", "o", "o"}[i%4], i, word, strings.ReplaceAll(held, `"specimen":{"reference":"#s"},`, ``), 1+i%28, word, i%7, i, []string{"kg", "g", "mg"}[i%3])
}

// TestAnOldIndexIsMadeAnew starts on the index of an older program: searches that need the new rows say that they do not find
// everything, no write can depend on them, and then all is as it should be.
func TestAnOldIndexIsMadeAnew(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p","active":true}`)
		for i := range 40 {
			x.put("%s", mixed(i, fmt.Sprint("w", i%10)))
		}
		x.aged()
		x = x.again()
		for _, query := range []string{"code:text=name", "_profile:below=http://p", "_contained=true", "_filter=_profile sw \"http\"", "subject.active=true"} {
			page, err := storetest.Page(x.Context(), x.desk, "Observation", query, "")
			if err != nil || len(page.Warnings) != 1 || page.Warnings[0].Code != "incomplete" || !strings.Contains(page.Warnings[0].Text, "not begun") {
				x.Errorf("%s: %+v %v", query, page.Warnings, err)
			}
		}
		if page, err := storetest.Page(x.Context(), x.desk, "Observation", "status=final&_profile=http://p/w1", ""); err != nil || len(page.Warnings) > 0 {
			x.Errorf("%+v %v", page.Warnings, err)
		}
		r := fhirOf(x.T, mixed(1, "w1"))
		for _, query := range []string{"code:text=name", "subject.active=true"} {
			if _, err := x.desk.Create(x.Context(), r, store.IfNoneExist(query)); !fault.Is(err, fault.Conflict) || !strings.Contains(fmt.Sprint(err), "made anew") {
				x.Error(query, err)
			}
		}
		if err := x.store.RenewIndex(x.Context()); err != nil {
			x.Fatal(err)
		}
		x.start()
		x.whole()
		x.sound()
		x = x.again()
		counts(x.T, x.desk, "Observation", "code:text=name w1", 4)
		counts(x.T, x.desk, "Observation", "_profile:below=http://p", 40)
		counts(x.T, x.desk, "Substance", "_contained=true&code:text=inner", 10)
		counts(x.T, x.desk, "Observation", "value-quantity=3||kg", 1)
		if _, err := x.desk.Create(x.Context(), r, store.IfNoneExist("code:text=nobody")); err != nil {
			x.Error(err)
		}
		if err := x.store.RenewIndex(x.Context()); err != nil {
			x.Fatal(err)
		}
		if list, err := x.queue.List(x.Context(), 1, 0, 10); err != nil || len(list) != 1 || list[0].State != jobs.Done {
			x.Errorf("%+v %v", list, err)
		}
	})
}

// TestATenantIsBornWithTheFormOfToday: there is nothing to be made anew.
func TestATenantIsBornWithTheFormOfToday(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p"}`)
		form, err := store.ReadForm(x.Context(), x.db, 1)
		if err != nil || form.Edition != index.Edition {
			x.Errorf("%+v %v", form, err)
		}
	})
}

// TestTheIndexOfANewerProgramIsLeft: an older one knows other rows.
func TestTheIndexOfANewerProgramIsLeft(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p"}`)
		if _, err := x.db.Exec(x.Context(), db.Same(`UPDATE index_form SET edition = edition + 1`)); err != nil {
			x.Fatal(err)
		}
		_, err := x.again().store.RepairIndex(x.Context(), 1, nil)
		if !fault.Is(err, fault.Conflict) || !strings.Contains(fmt.Sprint(err), "newer version") {
			x.Error(err)
		}
	})
}

// TestAnOldIndexIsMadeAnewAmongWriters stops the job again and again, among writers who change, delete and make what it works on.
func TestAnOldIndexIsMadeAnewAmongWriters(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p","active":true}`)
		n := 1200
		err := x.desk.Write(x.Context(), func(c *store.Change) error {
			for i := range n {
				c.Update(fhirOf(x.T, mixed(i, fmt.Sprint("w", i%10))))
			}
			return nil
		})
		if err != nil {
			x.Fatal(err)
		}
		x.aged()
		x = x.again()
		if err := x.store.RenewIndex(x.Context()); err != nil {
			x.Fatal(err)
		}
		end := x.writers(n)
		for range 5 {
			stop := x.start()
			time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
			stop()
		}
		x.start()
		x.whole()
		end()
		x.sound()
	})
}

// writers change, delete and make resources, with values that come and go, until they are ended.
func (x *defining) writers(n int) (end func()) {
	var stop atomic.Bool
	var wait sync.WaitGroup
	for w := range 3 {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 5))
			for !stop.Load() {
				i := random.IntN(n + 200)
				var err error
				if random.IntN(4) == 0 {
					_, err = x.desk.Delete(context.Background(), "Observation", fmt.Sprint("o", i))
				} else {
					err = x.try("%s", mixed(i, fmt.Sprint("v", random.IntN(40))))
				}
				if err != nil && !fault.Is(err, fault.Unknown) {
					x.Error(err)
					return
				}
			}
		})
	}
	return func() { stop.Store(true); wait.Wait() }
}

// TestUnusedValuesAreRemovedAmongWriters removes values that nothing has any more while writers write just these again.
func TestUnusedValuesAreRemovedAmongWriters(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p"}`)
		end := x.writers(6)
		removed := int64(0)
		for began := time.Now(); time.Since(began) < 4*time.Second || removed < 10 && time.Since(began) < time.Minute; {
			done, err := x.again().store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {})
			if err != nil {
				x.Fatal(err)
			}
			if removed += done.Unused; done.Missing+done.Extra > 0 {
				x.Errorf("%+v", done)
			}
		}
		end()
		if x.sound(); removed < 10 {
			x.Errorf("%d values were removed", removed)
		}
	})
}

// TestARepairInManyRanges has room for a few resources at a time, and for fewer rows than some of them have too many.
func TestARepairInManyRanges(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"p"}`)
		for i := range 60 {
			x.put("%s", mixed(i, fmt.Sprint("w", i%10)))
		}
		for range 30 {
			if _, err := x.db.Exec(x.Context(), db.Same(`INSERT INTO ix_date (tenant, hash, lo, hi, rid) SELECT tenant, 30 + count(*), 1, 2, MIN(rid) + 7 FROM ix_date GROUP BY tenant`)); err != nil {
				x.Fatal(err)
			}
		}
		x.aged()
		for _, room := range [][2]int{{300, 11}, {1 << 20, 11}, {300, 1000}} {
			x = x.again()
			x.store.WithRoom(room[0], room[1])
			report, err := x.store.CheckIndex(x.Context(), 1, 0, 0)
			if err != nil || report.Checked != 61 || len(report.Faults) < 61 {
				x.Errorf("%+v %v", report, err)
			}
		}
		done, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {})
		if err != nil || done.Checked != 61 || done.Resources != 62 {
			x.Errorf("%+v %v", done, err)
		}
		x.sound()
		x.again().sound()
	})
}

// TestARepairSaysWhatItDid counts resources and rows.
func TestARepairSaysWhatItDid(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(weight)
		x.put(`{"resourceType":"Patient","id":"q","gender":"male"}`)
		for _, sql := range []string{`DELETE FROM ix_unit`, `UPDATE ix_number SET lo = lo + 1`, `UPDATE ix_label SET code = 'u'`,
			`UPDATE resource SET shared = '` + map[db.Dialect]string{db.SQLite: "[5]", db.Postgres: "{5}"}[x.db.Dialect()] + `' WHERE id = 'w'`,
			`INSERT INTO ix_token (tenant, hash, rid, system) VALUES (1, 1, 77777, 0)`, `INSERT INTO ix_value (tenant, hash, value, key) VALUES (1, 2, 'gone', 3)`} {
			if _, err := x.db.Exec(x.Context(), db.Same(sql)); err != nil {
				x.Fatal(err)
			}
		}
		var faults []store.IndexFault
		done, err := x.store.RepairIndex(x.Context(), 1, func(_, _ int64, f *store.IndexFault) {
			if f != nil {
				f.RID = 0
				faults = append(faults, *f)
			}
		})
		want := []store.IndexFault{{"Observation", "w", 0, "ix_number", 3, 3}, {"Observation", "w", 0, "resource", 1, 1}, {"Observation", "w", 0, "ix_unit", 1, 0},
			{"Observation", "w", 0, "ix_label", 1, 0}, {"", "", 0, "ix_token", 0, 1}}
		if fmt.Sprint(faults) != fmt.Sprint(want) || err != nil || done != (store.IndexRepair{Checked: 2, Resources: 2, Missing: 6, Extra: 5, Unused: 1}) {
			x.Errorf("%+v %+v %v", faults, done, err)
		}
		x.sound()
	})
}

// TestARowThatStandsTwiceIsRepaired: of both one stays.
func TestARowThatStandsTwiceIsRepaired(t *testing.T) {
	x := define(t, dbtest.PostgresURL(t), t.TempDir(), store.Options{})
	x.put(weight)
	if _, err := x.db.Exec(x.Context(), db.Same(`INSERT INTO ix_token SELECT * FROM ix_token`)); err != nil {
		x.Fatal(err)
	}
	done, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {})
	if err != nil || done.Resources != 1 || done.Missing != 0 || done.Extra == 0 {
		x.Errorf("%+v %v", done, err)
	}
	x.sound()
	counts(x.T, x.desk, "Observation", "code=29463-7", 1)
}

// TestASearchParameterDefinedDuringARepair: what contains resources and has no row that says so is found by the repair alone, which
// learns of the parameter on the way.
func TestASearchParameterDefinedDuringARepair(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		for i := range 40 {
			x.put(`{"resourceType":"Observation","id":"c%d","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","maritalStatus":{"text":"wedded %d"}}]}`, i, i)
		}
		x.aged()
		x = x.again()
		x.store.WithRoom(200, 1000)
		defined := false
		_, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {
			if !defined {
				defined = true
				x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
				defer x.start()()
				x.settled()
			}
		})
		if err != nil {
			x.Fatal(err)
		}
		x.sound()
		x = x.again()
		x.sound()
		counts(x.T, x.desk, "Observation", "subject.marital:text=wedded", 40)
	})
}

// TestOwnValuesOfContained: what a search parameter of the tenant finds in something contained is listed as long as it is there, and
// leaves with the parameter.
func TestOwnValuesOfContained(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[
			{"resourceType":"Patient","id":"p","maritalStatus":{"text":"wedded"}},{"resourceType":"Patient","id":"q","maritalStatus":{"text":"wedded"}}]}`)
		swept := func(want int64) {
			x.Helper()
			x.sound()
			done, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {})
			if err != nil || done.Missing+done.Extra > 0 || done.Unused != want {
				x.Errorf("%+v %v", done, err)
			}
		}
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.start()
		x.settled()
		swept(0)
		counts(x.T, x.desk, "Patient", "_contained=true&marital:text=wed", 1)
		if _, err := x.desk.Delete(x.Context(), "SearchParameter", "marital"); err != nil {
			x.Fatal(err)
		}
		x.settled()
		swept(3) // the value, and the code and the base of the definition, which are listed too
	})
}
