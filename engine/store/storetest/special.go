package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// places: near finds locations by their distance.
func places(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	for id, at := range map[string]string{
		"berlin": "52.52,13.405", "potsdam": "52.3989,13.0657", "paris": "48.8566,2.3522", "fiji": "-17.7134,178.065",
		"samoa": "-13.759,-172.1046", "pole": "89.9,10", "otherside": "89.9,-170", "quito": "-0.1807,-78.4678",
	} {
		lat, lon, _ := strings.Cut(at, ",")
		t.put(`{"resourceType":"Location","id":"%s","status":"active","position":{"latitude":%s,"longitude":%s}}`, id, lat, lon)
	}
	t.put(`{"resourceType":"Location","id":"nowhere","status":"active"}`)
	for query, want := range map[string]string{
		"near=52.52|13.405|10|km":                                 "berlin",
		"near=52.52|13.405|26|km":                                 "berlin", // Potsdam is 26.6 km away
		"near=52.52|13.405|27|km":                                 "berlin potsdam",
		"near=52.52|13.405":                                       "berlin potsdam",
		"near=52.52|13.405|10|m":                                  "berlin",
		"near=52.52|13.405|17|[mi_i]":                             "berlin potsdam",
		"near=52.52|13.405|900|km":                                "berlin paris potsdam",
		"near=52.52|13.405|1|km,48.8566|2.3522|1|km":              "berlin paris",
		"near=-17|179.9|1200|km":                                  "fiji samoa", // over the 180th meridian
		"near=-17|-179.9|1200|km":                                 "fiji samoa",
		"near=90|0|20|km":                                         "otherside pole",
		"near=89.95|10|30|km":                                     "otherside pole",
		"near=0|0|20037508|m":                                     "berlin fiji otherside paris pole potsdam quito samoa",
		"near=52.52|13.405|27|km&status=active&_id=potsdam,paris": "potsdam",
		"near:missing=true":                                       "nowhere",
	} {
		got := t.search("Location", query+"&_sort=_id")
		if strings.Join(got, " ") != want {
			t.Errorf("%s found %v, want %s", query, got, want)
		}
	}
}

// words: narrative and content are read word by word.
func words(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p"}`)
	for i, s := range [][2]string{{"bone cancer", "liver"}, {"Metastases of the liver", "bone"}, {"a fracture of the bone", "cast"}, {"", "cancer & metastases"}} {
		text := fmt.Sprintf(`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><b>%s</b></div>"},`, s[0])
		if s[0] == "" {
			text = ""
		}
		t.put(`{"resourceType":"Condition","id":"c%d",%s"subject":{"reference":"Patient/p"},"code":{"coding":[{"code":"k%d"}],"text":"%s"}}`, i, text, 3-i, s[1])
	}
	for query, want := range map[string]string{
		"_text=bone":                                "c0 c2",
		"_text=BONE cancer":                         "c0",
		"_text=\"cancer bone\"":                     "",
		"_text=\"of the\"":                          "c1 c2",
		"_text=(bone OR liver) AND metast*":         "c1",
		"_text=bone NOT cancer":                     "c2",
		"_text=cancer,fracture":                     "c0 c2",
		"_content=cancer":                           "c0 c3",
		"_content=bone liver":                       "c0 c1",
		"_content=metastases&_text=liver":           "c1",
		"_content=cancer&patient=p&code=k0":         "c3",
		"_filter=_content eq bone and code ne k1":   "c0 c1",
		"_filter=not(_text eq bone)":                "c1 c3",
		"_filter=(_text eq bone and (code eq k3))":  "c0",
		"_filter=_text eq bone or code eq k2":       "c0 c1 c2",
		"_filter=not(_text eq bone and code eq k1)": "c0 c1 c3",
		"_filter=not(_text eq bone or code eq k2)":  "c3",
		"_filter=patient.active pr false and (_text eq liver or code eq k0)&_count=1": "c1 c3",
		"_filter=_content eq cast or subject.active pr true&_sort=-_id":               "c2",
		"_content=patient&_count=1":               "c0 c1 c2 c3",
		"_content=metastases&_sort=-_id":          "c3 c1",
		"_content=metastases&_sort=code&_count=1": "c3 c1",
		"_text=nothing":                           "",
	} {
		got := t.search("Condition", escaped(query))
		if strings.Join(got, " ") != want {
			t.Errorf("%s found %v, want %s", query, got, want)
		}
		page, err := Page(t.ctx, t.desk, "Condition", escaped(query)+"&_total=accurate", "")
		if err != nil || want != "" && int(page.Total) != len(strings.Fields(want)) {
			t.Errorf("%s: total %d %v", query, page.Total, err)
		}
	}
	for _, bad := range []string{"Condition?_text=&* -", "Condition?_filter=_text eq a or code eq k1&_contained=true"} {
		typ, query, _ := strings.Cut(bad, "?")
		_, err := Page(t.ctx, t.desk, typ, escaped(query), "")
		t.want(fault.Invalid, err)
	}
	_, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist("_content=x"))
	t.want(fault.Invalid, err)
}

// escaped writes blanks and the like of a query as an URL has them.
func escaped(query string) string {
	return strings.NewReplacer(" ", "%20", `"`, "%22", "&*", "%26*").Replace(query)
}
