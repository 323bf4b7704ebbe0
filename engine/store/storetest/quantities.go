package storetest

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
)

// quantities: a quantity is found in every unit that measures the same.
func quantities(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	for id, q := range map[string]string{
		"a-g":   `"value":1,"code":"g"`,
		"b-mg":  `"value":1000,"code":"mg"`,
		"c-kg":  `"value":0.002,"code":"kg"`,
		"d-ml":  `"value":1000,"code":"mL"`,
		"e-cel": `"value":37,"code":"Cel"`,
		"f-f":   `"value":98.6,"code":"[degF]"`,
		"g-no":  `"value":1000,"code":"nonsense"`,
		"h-kg":  `"value":70,"code":"kg"`,
		"i-lb":  `"value":154.32,"code":"[lb_av]"`,
	} {
		t.put(`{"resourceType":"Observation","id":"%s","status":"final","code":{"coding":[{"system":"l","code":"w"}]},"valueQuantity":{%s,"system":"http://unitsofmeasure.org"}}`, id, q)
	}
	t.put(`{"resourceType":"Observation","id":"z","status":"final","code":{"text":"w"},"valueQuantity":{"value":1000,"unit":"mg"}}`)
	const u = "|http://unitsofmeasure.org|"
	for query, want := range map[string]string{
		"value-quantity=1.0" + u + "g":                              "a-g b-mg",
		"value-quantity=1000" + u + "mg":                            "a-g b-mg",
		"value-quantity=gt1" + u + "g":                              "c-kg h-kg i-lb",
		"value-quantity=lt1.5" + u + "g":                            "a-g b-mg",
		"value-quantity=2" + u + "g":                                "c-kg",
		"value-quantity=2e6" + u + "ug":                             "c-kg",
		"value-quantity=1" + u + "L":                                "d-ml",
		"value-quantity=37.0" + u + "Cel":                           "e-cel f-f",
		"value-quantity=ge99" + u + "[degF]":                        "",
		"value-quantity=154" + u + "[lb_av]":                        "h-kg i-lb",
		"value-quantity=1000" + u + "nonsense":                      "g-no",
		"value-quantity=1000":                                       "b-mg d-ml g-no z",
		"value-quantity=1000||mg":                                   "b-mg z",
		"code-value-quantity=l|w$1.00" + u + "g":                    "a-g b-mg",
		"code-value-quantity=w$1000" + u + "mg&value-quantity=1000": "b-mg",
		"combo-value-quantity=ap2" + u + "g":                        "c-kg",
		"_filter=value-quantity ge 1.9" + u + "g":                   "c-kg h-kg i-lb",
		"value-quantity=ne1.0" + u + "g":                            "c-kg h-kg i-lb",
	} {
		if got := strings.Join(t.search("Observation", escaped(query)+"&_sort=_id"), " "); got != want {
			t.Errorf("%s found %s, want %s", query, got, want)
		}
	}
}
