package edge

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
)

// clock is set by the test.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(1_700_000_000, c.at.Load()) }
func (c *clock) later(d time.Duration) { c.at.Add(int64(d)) }

func limits(c *clock, size int, rates map[Kind]Rate) *Limits {
	return NewLimits(LimitOptions{Rates: rates, Now: c.now, Size: size})
}

// TestABucketGivesItsBurstAndThenItsRate, apart for each kind and name.
func TestABucketGivesItsBurstAndThenItsRate(t *testing.T) {
	var c clock
	l := limits(&c, 0, map[Kind]Rate{User: {time.Second / 10, 5}, Token: {time.Minute, 1}})
	taken := func(kind Kind, name string) (n int) {
		for ; n < 100 && l.Take(kind, name) == nil; n++ {
		}
		return n
	}
	for name, x := range map[string][2]int{"the burst": {taken(User, "ada"), 5}, "no more": {taken(User, "ada"), 0}, "another": {taken(User, "bob"), 5}, "another kind": {taken(Token, "ada"), 1}, "without a limit": {taken(Client, "ada"), 100}} {
		if x[0] != x[1] {
			t.Errorf("%s: %d, want %d", name, x[0], x[1])
		}
	}
	c.later(250 * time.Millisecond)
	if n := taken(User, "ada"); n != 2 {
		t.Error("after a quarter of a second:", n)
	}
	c.later(time.Hour)
	if n := taken(User, "ada"); n != 5 {
		t.Error("after a pause:", n)
	}
	err := l.Take(Token, "ada")
	if err != nil {
		t.Error("after an hour:", err)
	}
	c.later(15 * time.Second)
	if err = l.Take(Token, "ada"); !fault.Is(err, fault.TooMany) || RetryAfter(err) != "45" || RetryAfter(fmt.Errorf("on: %w", err)) != "45" {
		t.Error(err, RetryAfter(err))
	}
	if RetryAfter(fault.New(fault.Unavailable, "x")) != "1" {
		t.Error("a fault that does not say")
	}
	var none *Limits
	if none.Take(User, "ada") != nil || l.Take(User, "") != nil {
		t.Error("nobody is limited")
	}
}

// TestNobodyGetsMoreThanTheRate, however he spreads his requests: what is given in any span is the burst and what the rate gives in it.
func TestNobodyGetsMoreThanTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		r := Rate{time.Duration(rapid.IntRange(1, 1000).Draw(t, "every")) * time.Millisecond, rapid.IntRange(1, 20).Draw(t, "burst")}
		l := limits(&c, 0, map[Kind]Rate{User: r})
		var given []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			c.later(time.Duration(rapid.IntRange(0, 300).Draw(t, "pause")) * time.Millisecond)
			if l.Take(User, "ada") == nil {
				given = append(given, c.now())
			}
		}
		for i := range given {
			for j := i; j < len(given); j++ {
				if most := r.Burst + int(given[j].Sub(given[i])/r.Every); j-i+1 > most {
					t.Fatalf("%d in %s, %d are allowed", j-i+1, given[j].Sub(given[i]), most)
				}
			}
		}
	})
}

// TestAFloodOfNamesIsBounded, and who asked a moment ago is still known.
func TestAFloodOfNamesIsBounded(t *testing.T) {
	var c clock
	l := limits(&c, 100, map[Kind]Rate{Address: {time.Hour, 1}})
	for n := range 10_000 {
		name := fmt.Sprint(n)
		if l.Take(Address, name) != nil {
			t.Fatal("the first one")
		}
		if l.Take(Address, name) == nil {
			t.Fatal("the second one")
		}
		if most := len(l.young) + len(l.old); most > 200 {
			t.Fatal("kept:", most)
		}
		if n >= 50 && l.Take(Address, fmt.Sprint(n-50)) == nil {
			t.Fatal("one is forgotten too early")
		}
	}
}

// TestManyAtATimeGetTheBurstOnce.
func TestManyAtATimeGetTheBurstOnce(t *testing.T) {
	var c clock
	l := limits(&c, 0, map[Kind]Rate{SignIn: {time.Hour, 10}})
	var given atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if l.Take(SignIn, "a") == nil {
				given.Add(1)
			}
		})
	}
	all.Wait()
	if given.Load() != 10 {
		t.Error(given.Load())
	}
}

func TestRatesAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]Rate{
		"0": {}, "100/s:1000": {10 * time.Millisecond, 1000}, "5/m": {12 * time.Second, 5}, "1/h:3": {time.Hour, 3}, "7/s:1": {time.Second / 7, 1}, "30/m:2": {2 * time.Second, 2},
	} {
		var r, again Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s: %v %v", text, r, err)
		}
		if err := again.UnmarshalText([]byte(r.String())); err != nil || again != r {
			t.Errorf("%s is written as %s", text, r)
		}
	}
	for _, text := range []string{"", "x", "5", "5/d", "0/s", "-1/s", "5/s:0", "5/s:x", "5/s:-1", "/s", "5/s/s", "99999999999/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v %v", text, r, err)
		}
	}
}

// TestANetworkIsOneNeighbour: who has 64 bits of addresses has one bucket.
func TestANetworkIsOneNeighbour(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.9": "192.0.2.9", "::ffff:192.0.2.9": "192.0.2.9", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "", "a name": "a name",
	} {
		if got := Neighbourhood(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// BenchmarkTake is what a limited request costs.
func BenchmarkTake(b *testing.B) {
	l := NewLimits(LimitOptions{Rates: map[Kind]Rate{User: {time.Nanosecond, 1000}}})
	b.ReportAllocs()
	for b.Loop() {
		l.Take(User, "1/user/0192f0c1") //nolint:errcheck // measured
	}
}
