package patients

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// TestAMergeAgainstWriters: hundreds write references to the source while it is merged. Each is moved, or refused with the
// survivor's name; none is left, and none is lost.
func TestAMergeAgainstWriters(t *testing.T) {
	both(t, func(t *story) {
		t.put(`{"resourceType":"Patient","id":"a"}`)
		t.put(`{"resourceType":"Patient","id":"b"}`)
		const writers, each = 40, 10
		var written, refused atomic.Int64
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					body := fmt.Sprintf(`{"resourceType":"Basic","id":"w%d-%d","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`, w, n)
					switch _, err := t.desk.Update(t.Context(), parse(t.T, body)); {
					case err == nil:
						written.Add(1)
					case fault.Is(err, fault.Unprocessable) && strings.Contains(err.Error(), "Patient/b"):
						refused.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() { t.merge("a", "b") })
		wg.Wait()
		if left := t.found("Basic", "subject=Patient/a"); left != "" {
			t.Errorf("left behind: %s", left)
		}
		if moved := len(strings.Fields(t.found("Basic", "subject=Patient/b"))); int64(moved) != written.Load() || written.Load()+refused.Load() != writers*each {
			t.Errorf("%d of %d are there, %d were refused", moved, written.Load(), refused.Load())
		}
	})
}

// TestMergesRace: of many merges of one source and of two into each other, one wins.
func TestMergesRace(t *testing.T) {
	both(t, func(t *story) {
		for _, id := range []string{"a", "b", "c", "d"} {
			t.put(`{"resourceType":"Patient","id":"` + id + `"}`)
		}
		var won atomic.Int64
		race := func(calls ...string) {
			var wg sync.WaitGroup
			for _, list := range calls {
				wg.Go(func() {
					_, err := t.call(t.desk, "merge", list)
					switch {
					case err == nil:
						won.Add(1)
					case !fault.Is(err, fault.Unprocessable):
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		race(pair("a", "b"), pair("b", "a"), pair("a", "b"), pair("b", "a"))
		if won.Load() != 1 {
			t.Errorf("%d merges of two into each other won", won.Load())
		}
		race(pair("c", "d"), pair("c", "d"), pair("c", "d"))
		if won.Load() != 2 {
			t.Errorf("%d merges won", won.Load())
		}
	})
}

// TestUnmergeIsTheInverse of a merge, whatever refers to the patients and how, and of many merges in the other order.
func TestUnmergeIsTheInverse(t *testing.T) {
	both(t, func(t *story) {
		r := rand.New(rand.NewPCG(1, 2))
		ids := []string{"a", "b", "c", "d", "e"}
		var all []string
		for _, id := range ids {
			t.put(fmt.Sprintf(`{"resourceType":"Patient","id":"%s","active":%t,"identifier":[{"system":"http://s","value":"%d"}]}`, id, r.IntN(2) == 0, r.IntN(4)))
			all = append(all, "Patient/"+id)
		}
		anyone := func() string {
			return `{"reference":"Patient/` + ids[r.IntN(len(ids))] + []string{"", "/_history/1"}[r.IntN(2)] + `"}`
		}
		for n := range 40 {
			t.put(fmt.Sprintf(`{"resourceType":"Basic","id":"n%d","code":{"text":"x"},"subject":%s,"author":%s,"extension":[{"url":"http://x","valueReference":%s}]}`, n, anyone(), anyone(), anyone()))
			all = append(all, fmt.Sprintf("Basic/n%d", n))
		}
		state := func() string {
			var out []string
			for _, name := range all {
				typ, id, _ := strings.Cut(name, "/")
				out = append(out, t.content(typ, id))
			}
			return strings.Join(out, "\n")
		}
		for round := range 3 {
			states, merged := []string{state()}, []string{}
			for _, n := range r.Perm(len(ids))[:3] {
				free := leftOf(ids, append(merged, ids[n]))
				t.merge(ids[n], free[r.IntN(len(free))])
				merged, states = append(merged, ids[n]), append(states, state())
			}
			for n := len(merged) - 1; n >= 0; n-- {
				t.unmerge(merged[n])
				if got := state(); got != states[n] {
					t.Fatalf("round %d, %v: got\n%s\nwant\n%s", round, merged[:n+1], got, states[n])
				}
			}
		}
	})
}

func leftOf(all, some []string) (left []string) {
	for _, x := range all {
		if !strings.Contains(" "+strings.Join(some, " ")+" ", " "+x+" ") {
			left = append(left, x)
		}
	}
	return left
}
