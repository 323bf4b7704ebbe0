package synth

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

func address(n int) string {
	return fmt.Sprintf(`{"line":["%d Made Up Road"],"city":"%s","state":"MA","postalCode":"%05d","country":"US"}`, 1+n%400, town(n), n%100000)
}

// Town is where some patient lives.
func Town(r *rand.Rand) string { return town(r.IntN(1e9)) }

func town(n int) string {
	return "New " + syllables[n%len(syllables)] + syllables[(n/7)%len(syllables)]
}

func (b *bundle) organization(n int) {
	number := strconv.Itoa(n)
	b.add("Organization", b.w.ID("Organization", n, 0), profile("organization")+`,"identifier":[{"system":"`+siteSystem+`","value":"`+number+`"}],"active":true,"type":[`+
		coded(terms+"organization-type", concept{"prov", "Healthcare Provider"})+`],"name":"Hospital `+number+`","telecom":[{"system":"phone","value":"555-01`+fmt.Sprintf("%02d", n)+`"}],"address":[`+address(n)+`]`,
		"identifier="+siteSystem+"|"+number)
}

func (b *bundle) location(n int) {
	number := strconv.Itoa(n)
	b.add("Location", b.w.ID("Location", n, 0), profile("location")+`,"identifier":[{"system":"`+siteSystem+`","value":"`+number+`"}],"status":"active","name":"Hospital `+number+
		`","telecom":[{"system":"phone","value":"555-01`+fmt.Sprintf("%02d", n)+`"}],"address":`+address(n)+`,"position":{"longitude":-71.`+number+`,"latitude":42.`+number+`}`,
		"identifier="+siteSystem+"|"+number)
}

func (b *bundle) practitioner(n int) {
	p := b.w.doctor(n)
	b.add("Practitioner", b.w.ID("Practitioner", n, 0), profile("practitioner")+`,"identifier":[{"system":"`+staffSystem+`","value":"`+npi(n)+`"}],"active":true,"name":[{"family":"`+p.family+
		`","given":["`+p.given+`"],"prefix":["Dr."]}],"telecom":[{"system":"email","value":"doctor`+strconv.Itoa(n)+`@example.com","use":"work"}],"address":[`+address(n)+`],"gender":"`+p.gender+`"`,
		"identifier="+staffSystem+"|"+npi(n))
}
