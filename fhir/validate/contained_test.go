package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// containing is a patient who contains n others, and refers to each of them.
func containing(t *testing.T, n int) fhir.Resource {
	t.Helper()
	var inside, links []string
	for i := range n {
		inside = append(inside, fmt.Sprintf(`{"resourceType":"Patient","id":"a%d"}`, i))
		links = append(links, fmt.Sprintf(`{"type":"seealso","other":{"reference":"#a%d"}}`, i))
	}
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","contained":[`+strings.Join(inside, ",")+`],"link":[`+strings.Join(links, ",")+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Done one by one, each against all others, this takes minutes.
func TestTimeDoesNotGrowWithTheSquareOfWhatIsContained(t *testing.T) {
	r, began := containing(t, 48_000), time.Now()
	if issues, err := OnWrite(nil, r); len(issues) > 0 || err != nil {
		t.Fatal(issues[0])
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}
