package proof

import (
	"cmp"
	"slices"
	"sync"
)

// findings collects what the checks compare and where they find a difference. It is safe for concurrent use.
type findings struct {
	mu     sync.Mutex
	limit  int
	counts map[string]*Check
	list   []Difference
	here   int64 // targets that were changed here
	made   int64 // resources and records that came from no row and claim none
}

func newFindings(limit int) *findings {
	f := &findings{limit: limit, counts: map[string]*Check{}}
	for _, name := range checkNames() {
		f.counts[name] = &Check{Name: name}
	}
	return f
}

// compared notes that a check has looked at n things.
func (f *findings) compared(check string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[check].Compared += int64(n)
}

// differ notes a difference.
func (f *findings) differ(check, table, key, what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[check].Differences++
	if len(f.list) < f.limit {
		f.list = append(f.list, Difference{check, table, key, what})
	}
}

func (f *findings) changedHere() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.here++
}

func (f *findings) madeHere() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
}

// fill writes what was found into a certificate.
func (f *findings) fill(c *Certificate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.Checks, c.Differing, c.ChangedHere = []Check{}, append([]Difference{}, f.list...), f.here
	for _, name := range checkNames() {
		c.Checks = append(c.Checks, *f.counts[name])
		c.Differences += f.counts[name].Differences
	}
	slices.SortFunc(c.Differing, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Key, b.Key), cmp.Compare(a.What, b.What))
	})
}
