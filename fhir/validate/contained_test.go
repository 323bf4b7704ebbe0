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

func TestTimeDoesNotGrowWithTheSquareOfWhatIsContained(t *testing.T) {
	took := func(n int) time.Duration {
		r, began := containing(t, n), time.Now()
		if issues := OnWrite(r); len(issues) > 0 {
			t.Fatal(issues[0])
		}
		return time.Since(began)
	}
	took(1000) // what is made once
	few, many := took(2000), took(32000)
	if many > 100*few {
		t.Errorf("16 times as many take %s instead of %s", many, few)
	}
}
