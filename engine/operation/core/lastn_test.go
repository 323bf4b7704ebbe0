package core

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/engine/store"
)

// TestTheLastOfEachCode compares the groups, which grow together as observations come, with those that one sees
// once all are known.
func TestTheLastOfEachCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 4).Draw(t, "max")
		list := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 1, 3, rapid.ID), 0, 40).Draw(t, "codes")
		all := func(yield func(store.Version, error) bool) {
			for i, codes := range list {
				if !yield(store.Version{ID: fmt.Sprint(i), Body: observation(codes)}, nil) {
					return
				}
			}
		}
		found, err := lastOfEach(all, most)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range found {
			got = append(got, v.ID)
		}
		if want := slowly(list, most); !slices.Equal(got, want) {
			t.Fatalf("%v: got %v, want %v", list, got, want)
		}
	})
}

func observation(codes []int) []byte {
	var codings []string
	for _, c := range codes {
		codings = append(codings, fmt.Sprintf(`{"system":"s","code":"%d"}`, c))
	}
	return []byte(`{"resourceType":"Observation","code":{"coding":[` + strings.Join(codings, ",") + `]}}`)
}

// slowly paints every code with the least one that it is tied to, again and again, until nothing changes.
func slowly(list [][]int, most int) (out []string) {
	colour := map[int]int{}
	for i := range 10 {
		colour[i] = i
	}
	for changed := true; changed; {
		changed = false
		for _, codes := range list {
			least := 10
			for _, c := range codes {
				least = min(least, colour[c])
			}
			for _, c := range codes {
				changed = changed || colour[c] != least
				colour[c] = least
			}
		}
	}
	done := map[int]bool{}
	for i, codes := range list {
		if done[colour[codes[0]]] {
			continue
		}
		done[colour[codes[0]]] = true
		n := 0
		for j := i; j < len(list) && n < most; j++ {
			if colour[list[j][0]] == colour[codes[0]] {
				out = append(out, fmt.Sprint(j))
				n++
			}
		}
	}
	return out
}
