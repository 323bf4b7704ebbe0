package store

import (
	"strings"
	"testing"
)

// TestBodiesAreLookedUpByTheirNumbers wants the numbers in the condition of the index: as a filter of the rows they would let each
// portion of an order that is made from bodies read all of its type.
func TestBodiesAreLookedUpByTheirNumbers(t *testing.T) {
	d := planned(t)
	f := &finder{compiler: &compiler{from: d, k: &tenantKeys{tenant: 1}, index: 1}}
	rids := []int64{1, 2, 3}
	for name, st := range map[string]*statement{"of a type": f.opening(rids), "of any type": f.opened(rids)} {
		text := planOf(t, d, st.text().Postgres, st.args...)
		if _, cond, _ := strings.Cut(text, "Index Cond: "); !strings.Contains(strings.SplitN(cond, "\n", 2)[0], "rid = n.rid") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestReferrersAreLookedUpByTheTarget wants one look-up of the resource, one of its references and one of each referrer, in place of all
// references of the tenant in the order of creation.
func TestReferrersAreLookedUpByTheTarget(t *testing.T) {
	text := planOf(t, planned(t), refersSQL.Postgres, int32(1), int16(1), "a", int16(2), 10)
	for _, cond := range []string{"((tenant = 1) AND (type = '1'::smallint) AND (id = 'a'::text))", "((tenant = 1) AND (target = resource.rid))", "((tenant = 1) AND (rid = ix_ref.rid))"} {
		if !strings.Contains(text, "Index Cond: "+cond) {
			t.Errorf("no look-up by %s:\n%s", cond, text)
		}
	}
}
