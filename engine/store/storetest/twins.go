package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
)

// twins: of two creates under one condition the second finds what the first makes, whatever it has to say itself, unless
// the first makes something else.
func twins(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const unless = `,"ifNoneExist":"identifier=s|1"`
	entries := []string{
		entry("urn:uuid:1", "POST", "Patient", fmt.Sprintf(person, "1", "First"), unless),
		entry("urn:uuid:2", "POST", "Patient", fmt.Sprintf(person, "1", "Second"), unless),
		entry("", "POST", "Observation", obs("urn:uuid:2")),
	}
	for _, first := range []store.Effect{store.Created, store.Unchanged} {
		replies := t.transact(entries...)
		a, b := replies[0].Result, replies[1].Result
		if a.Effect != first || b.Effect != store.Unchanged || a.ID != b.ID || !strings.Contains(string(b.Body), "First") {
			t.Errorf("%+v %+v", a, b)
		}
		if !strings.Contains(string(replies[2].Result.Body), "Patient/"+a.ID) {
			t.Errorf("%s", replies[2].Result.Body)
		}
	}
	replies := t.transact(
		entry("", "POST", "Patient", fmt.Sprintf(person, "other", "A"), `,"ifNoneExist":"identifier=s|3"`),
		entry("", "POST", "Patient", fmt.Sprintf(person, "another", "B"), `,"ifNoneExist":"identifier=s|3"`))
	if a, b := replies[0].Result, replies[1].Result; a.Effect != store.Created || b.Effect != store.Created || a.ID == b.ID {
		t.Errorf("%+v %+v", a, b)
	}
	t.trueIndex()
}
