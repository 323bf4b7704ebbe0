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
	here   int64           // targets that were changed here
	made   int64           // resources and records that came from no row and claim none
	broken map[string]bool // Type/id of what cannot be opened and was told
}

func newFindings(limit int) *findings {
	f := &findings{limit: limit, counts: map[string]*Check{}, broken: map[string]bool{}}
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

// damaged notes that it was told of something that it cannot be opened.
func (f *findings) damaged(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken[name] = true
}

func (f *findings) isDamaged(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.broken[name]
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
