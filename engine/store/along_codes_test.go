package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

// TestOrderByCodesOpensThePage: of thousands in the order of an open code no body is opened but those of the page, and one
// more. All others cannot be opened: they have the number of another version.
func TestOrderByCodesOpensThePage(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		all := fill(t, desk, 4000)
		final := slices.DeleteFunc(slices.Clone(all), func(m manifold) bool { return m.status != "final" })
		for sort, filter := range map[string]string{"code": "", "-code": "", "code ": "&status=final"} {
			sort = strings.TrimSpace(sort)
			ids := inOrder(map[string][]manifold{"": all, "&status=final": final}[filter], sort)
			query := "_count=20&_sort=" + sort + filter
			first, err := storetest.Page(t.Context(), desk, "Observation", query, "")
			if err != nil {
				t.Fatal(err)
			}
			for n, cursor := range []string{"", first.Next} {
				change := `UPDATE resource SET version = version %s WHERE id NOT IN ('` + strings.Join(ids[20*n:20*n+21], "','") + `')`
				exec(t, d, fmt.Sprintf(change, "+ 1"))
				page, err := storetest.Page(t.Context(), desk, "Observation", query, cursor)
				exec(t, d, fmt.Sprintf(change, "- 1"))
				if err != nil {
					t.Fatal(query, err)
				}
				sameOrder(t, query, idsOf(page), ids[20*n:20*n+20])
			}
		}
	})
}

func exec(t *testing.T, d *db.DB, sql string) {
	t.Helper()
	if _, err := d.Exec(t.Context(), db.Same(sql)); err != nil {
		t.Fatal(err)
	}
}

func idsOf(page store.Page) (ids []string) {
	for _, v := range page.Entries {
		ids = append(ids, v.ID)
	}
	return ids
}

// TestOrderByCodes: codes of several systems, several codes, long ones, none, and no value, page by page in both directions; what
// is contained, deleted, changed or another tenant's does not count.
func TestOrderByCodes(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk := s.As(access.Inside(1, "test"))
		long := strings.Repeat("ü", 200)
		want := map[string][]string{}
		for i, codes := range []string{
			`{"code":"b"}`, `{"code":"a","system":"http://s"},{"code":"a","system":"http://t"},{"code":"a"}`, `{"code":"c"},{"code":"a"}`,
			`{"code":"` + long + `2"}`, `{"code":"` + long + `1"}`, `{"code":"` + long + `2"}`, `{"system":"http://s"}`, ``, `none`, `{"code":"é"},{"code":"z"}`,
			`{"code":"a|b"},{"code":"B"}`, `{"code":"c"}`, ``, `none`,
		} {
			body := fmt.Sprintf(`{"resourceType":"Condition","id":"c%02d","subject":{"display":"x"},"code":{"text":"t","coding":[%s]}}`, i, codes)
			body = strings.NewReplacer(`,"coding":[]`, "", `,"code":{"text":"t","coding":[none]}`, "").Replace(body)
			put(t, desk, body)
			put(t, s.As(access.Inside(2, "test")), body)
		}
		put(t, desk, `{"resourceType":"Condition","id":"d","subject":{"display":"x"},"code":{"coding":[{"code":"aa"}]}}`)
		if _, err := desk.Delete(t.Context(), "Condition", "d"); err != nil {
			t.Fatal(err)
		}
		put(t, desk, `{"resourceType":"Condition","id":"c00","subject":{"display":"x"},"code":{"coding":[{"code":"bb"}]}}`)
		put(t, desk, `{"resourceType":"Condition","id":"e","subject":{"display":"x"},"code":{"coding":[{"code":"y"}]},
			"contained":[{"resourceType":"Condition","id":"i","subject":{"display":"x"},"code":{"coding":[{"code":"ab"}]}}],"evidence":[{"detail":[{"reference":"#i"}]}]}`)
		want["code"] = strings.Fields("c10 c01 c02 c00 c11 e c09 c03 c05 c04 c06 c07 c08 c12 c13")
		want["-code"] = strings.Fields("c03 c05 c04 c09 e c02 c11 c00 c10 c01 c06 c07 c08 c12 c13")
		for sort, ids := range want {
			for _, count := range []int{1, 2, 7, 100} {
				got := pagesOf(t, desk, "Condition", fmt.Sprintf("_count=%d&_sort=%s", count, sort), 50, func() {})
				sameOrder(t, fmt.Sprint(sort, count), alike(got), alike(ids))
			}
		}
		if report, err := s.CheckIndex(t.Context(), 1, 0, 0); err != nil || len(report.Faults) > 0 {
			t.Error(report.Faults, err)
		}
	})
}

// alike takes the two long codes, which differ behind what their list tells apart, in either order.
func alike(ids []string) (out []string) {
	out = slices.Clone(ids)
	if i := slices.Index(out, "c04"); i >= 0 && i+2 < len(out) && out[i+1] == "c03" && out[i+2] == "c05" {
		copy(out[i:], []string{"c03", "c05", "c04"})
	}
	return out
}

// TestOrderByCodesWithoutTime: where most of what has a code stands elsewhere by another one, a page ends early, with a cursor.
func TestOrderByCodesWithoutTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{Now: inTwoHours}).As(access.Inside(1, "test"))
		all := fill(t, desk, 2000)
		ctx, cancel := contextOfAnHour(t)
		defer cancel()
		for _, sort := range []string{"category", "-category"} {
			var got []string
			short := 0
			for cursor, more := "", true; more; more = cursor != "" {
				page, err := storetest.Page(ctx, desk, "Observation", "_count=300&_sort="+sort, cursor)
				if err != nil {
					t.Fatal(err)
				}
				got, cursor = append(got, idsOf(page)...), page.Next
				if cursor != "" && len(page.Entries) < 300 {
					short++
				}
			}
			if sameOrder(t, sort, got, inOrder(all, sort)); short == 0 {
				t.Error("no page ended early")
			}
		}
	})
}

// TestACodeThatNothingHasIsNotKept: it leaves the list as other values do.
func TestACodeThatNothingHasIsNotKept(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Condition","id":"a","subject":{"display":"x"},"code":{"coding":[{"code":"secret"}]}}`)
		x.put(`{"resourceType":"Condition","id":"b","subject":{"display":"x"},"code":{"coding":[{"code":"other"}]}}`)
		if n := listedAs(x.T, x.db, "secret"); n != 1 {
			x.Errorf("the code is listed %d times", n)
		}
		if _, err := x.desk.Delete(x.Context(), "Condition", "a"); err != nil {
			x.Fatal(err)
		}
		if _, err := x.store.RepairIndex(x.Context(), 1, func(int64, int64, *store.IndexFault) {}); err != nil {
			x.Fatal(err)
		}
		if gone, kept := listedAs(x.T, x.db, "secret"), listedAs(x.T, x.db, "other"); gone != 0 || kept != 1 {
			x.Errorf("%d of the deleted code, %d of the other", gone, kept)
		}
		x.put(`{"resourceType":"Condition","id":"c","subject":{"display":"x"},"code":{"coding":[{"code":"secret"}]}}`)
		sameOrder(x.T, "code", pagesOf(x.T, x.desk, "Condition", "_sort=code", 9, func() {}), []string{"b", "c"})
	})
}

func listedAs(t *testing.T, d *db.DB, text string) (n int64) {
	err := d.Query(context.Background(), db.Same(`SELECT COUNT(*) FROM ix_value WHERE value = $1`), []any{text}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOrderByCodesBehindAFullPage: what stands elsewhere by another code is not passed over one by one to know whether more follows.
func TestOrderByCodesBehindAFullPage(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var asked atomic.Int64 // for the time, once or twice for each portion
		desk := openOn(t, d, store.Options{Now: func() time.Time {
			asked.Add(1)
			return time.Now()
		}}).As(access.Inside(1, "test"))
		var entries []string
		for i := range 1000 {
			codes := []string{`{"code":"a"}`, `{"code":"b"}`}
			if i > 990 {
				codes = codes[1:]
			}
			id := fmt.Sprintf("c%04d", i)
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Condition","id":"%s","subject":{"display":"x"},"code":{"coding":[%s]}},"request":{"method":"PUT","url":"Condition/%s"}}`,
				id, strings.Join(codes, ","), id))
		}
		storetest.Post(t, desk, entries)
		ctx, cancel := contextOfAnHour(t)
		defer cancel()
		asked.Store(0)
		page, err := storetest.Page(ctx, desk, "Condition", "_count=991&_sort=code", "")
		if err != nil || len(page.Entries) != 991 || page.Next == "" {
			t.Fatal(len(page.Entries), page.Next, err)
		}
		if n := asked.Load(); n > 100 {
			t.Errorf("the time was asked for %d times, once or twice for each portion of 991 resources to be passed over", n)
		}
	})
}
