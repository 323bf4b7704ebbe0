package audit

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var (
	anyWord  = rapid.OneOf(rapid.SampledFrom([]string{"", "read", "Patient", "client/one"}), rapid.String())
	anyThing = rapid.Custom(func(t *rapid.T) Thing {
		return Thing{anyWord.Draw(t, "type"), rapid.String().Draw(t, "id"), rapid.IntRange(0, 1<<40).Draw(t, "version"), rapid.SampledFrom([]uint64{0, 0, 7, 1 << 63}).Draw(t, "mark")}
	})
	anyEntry = rapid.Custom(func(t *rapid.T) Entry {
		return Entry{
			At:     time.UnixMicro(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at")).UTC(),
			Action: anyWord.Draw(t, "action"), Outcome: anyWord.Draw(t, "outcome"), Subject: anyWord.Draw(t, "subject"),
			Client: anyWord.Draw(t, "client"), Address: anyWord.Draw(t, "address"), Purpose: anyWord.Draw(t, "purpose"),
			RequestID: rapid.String().Draw(t, "request"), Things: rapid.SliceOfN(anyThing, 0, 4).Draw(t, "things"),
			Query: anyWord.Draw(t, "query"), Detail: rapid.String().Draw(t, "detail"), Name: anyWord.Draw(t, "name"), Session: anyWord.Draw(t, "session"),
			Agent: anyWord.Draw(t, "agent"), Reason: anyWord.Draw(t, "reason"), Patients: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "patients"),
		}
	})
)

func TestABodyComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(anyEntry, 0, 20).Draw(t, "entries")
		l := newLedger()
		for range rapid.IntRange(0, 10).Draw(t, "open") {
			l.issue()
		}
		gaps := l.told()
		gotGaps, got, ok := decodeBody(encodeBody(gaps, entries))
		if !ok {
			t.Fatal("it cannot be read")
		}
		if diff := cmp.Diff(entries, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(gaps, gotGaps, cmpopts.EquateEmpty(), cmp.AllowUnexported(gap{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMoreWordsThanCanBeNamedAgain(t *testing.T) {
	var entries []Entry
	for i := range 3 * maxWords {
		e := readOf(1, "x")
		e.Tenant, e.Query = 0, fmt.Sprint("word", i%(2*maxWords))
		entries = append(entries, e)
	}
	_, got, ok := decodeBody(encodeBody(nil, entries))
	if !ok || !cmp.Equal(entries, got) {
		t.Error("it comes back changed")
	}
}

func TestABodyIsSmall(t *testing.T) {
	if n := len(encodeBody(nil, many(1, "0123456789", 100))) / 100; n > 60 {
		t.Errorf("%d bytes for an entry", n)
	}
}

func FuzzDecodeBody(f *testing.F) {
	f.Add(encodeBody(nil, nil))
	f.Add(encodeBody([]gap{{3, 2, void}, {9, 1, open}}, many(1, "a", 3)))
	f.Add([]byte{bodyVersion, 0, 1, 0, 5})
	f.Add([]byte("\x02\x02000000\xf6\xc1\u043c\xff\xac\xb00\x00c" + strings.Repeat("0", 96))) // a text that ends behind the body
	f.Fuzz(func(t *testing.T, body []byte) {
		gaps, entries, ok := decodeBody(body)
		var times []time.Time
		eachTime(body, func(at int64) { times = append(times, time.UnixMicro(at).UTC()) })
		if !ok {
			return
		}
		for i := range entries {
			if i >= len(times) || !times[i].Equal(entries[i].At) {
				t.Fatalf("%x: the times are %v, of %d entries", body, times, len(entries))
			}
		}
		gapsAgain, entriesAgain, ok := decodeBody(encodeBody(gaps, entries))
		if !ok || len(gapsAgain) != len(gaps) || !cmp.Equal(entries, entriesAgain) {
			t.Errorf("%x is read, but does not come back", body)
		}
	})
}

// TestABodyOfTheFirstVersionIsStillRead: it was written by the program before entries had names and patients.
func TestABodyOfTheFirstVersionIsStillRead(t *testing.T) {
	body, err := hex.DecodeString("010103080253f6c1d0bcffacb006000472656164000773756363657373000a636c69656e742f6f6e650007636f6e736f6c65000831302e302e302e37" +
		"0005545245415404722d613001000750617469656e7402613003000000210001020304050604722d613101070261310300046e616d65000700000000000000")
	if err != nil {
		t.Fatal(err)
	}
	want := many(0, "a", 2)
	want[1].Things[0].Mark, want[1].Query = 7, "name"
	gaps, got, ok := decodeBody(body)
	if !ok || len(gaps) != 1 || gaps[0] != (gap{3, 2, void}) {
		t.Fatal(ok, gaps)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
