package api

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// codeOf is what an authenticator app shows (RFC 6238).
func codeOf(t *testing.T, uri string, at time.Time) string {
	t.Helper()
	u, err := url.Parse(uri)
	must(t, err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	must(t, err)
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// TestASecondFactorIsTakenIntoUse, asked for, replaced by a recovery code, and turned off by who knows the password.
func TestASecondFactorIsTakenIntoUse(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		token := w.token("bob")
		at := w.want(http.StatusCreated, "POST", "/api/v1/auth/factors/totp", token, "")
		confirm := "/api/v1/auth/factors/totp/" + at.str("id") + "/confirm"
		w.want(http.StatusBadRequest, "POST", confirm, token, `{"code":"000000"}`)
		w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", password))
		h := w.want(http.StatusOK, "POST", confirm, token, js(map[string]string{"code": codeOf(t, at.str("uri"), w.now())}))
		codes, _ := h.body["recovery_codes"].([]any)
		if len(codes) != 10 {
			t.Fatal(h)
		}
		list := w.want(http.StatusOK, "GET", "/api/v1/auth/factors?page_size=100", token, "")
		if list.num("total") != 11 || strings.Contains(list.raw, fmt.Sprint(codes[0])) {
			t.Error(list)
		}
		half := w.want(http.StatusAccepted, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", password))
		if half.body["factor_required"] != true || half.str("access_token") != "" {
			t.Fatal(half)
		}
		answer := func(status int, code any) heard {
			t.Helper()
			return w.want(status, "POST", "/api/v1/auth/factor", "", js(map[string]any{"ticket": half.str("ticket"), "code": code}))
		}
		answer(http.StatusUnauthorized, "000000")
		answer(http.StatusOK, codes[0])
		answer(http.StatusUnauthorized, codes[0])
		w.later(time.Minute)
		fresh := answer(http.StatusOK, codeOf(t, at.str("uri"), w.now()))
		if me := w.want(http.StatusOK, "GET", "/api/v1/auth/me", fresh.str("access_token"), ""); me.body["second_factor"] != true {
			t.Error(me)
		}
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/factor", "", `{"ticket":"1.x","code":"123456"}`)
		for _, path := range []string{"/api/v1/auth/factors/recovery-codes", "/api/v1/auth/factors/off"} {
			w.want(http.StatusBadRequest, "POST", path, token, `{"password":"wrong"}`)
		}
		other := w.want(http.StatusOK, "POST", "/api/v1/auth/factors/recovery-codes", token, `{"password":"`+password+`"}`)
		answer(http.StatusUnauthorized, codes[1])
		if again, _ := other.body["recovery_codes"].([]any); len(again) != 10 {
			t.Error(other)
		}
		w.want(http.StatusNoContent, "POST", "/api/v1/auth/factors/off", token, `{"password":"`+password+`"}`)
		w.want(http.StatusNotFound, "POST", "/api/v1/auth/factors/off", token, `{"password":"`+password+`"}`)
		w.want(http.StatusConflict, "POST", "/api/v1/auth/factors/recovery-codes", token, `{"password":"`+password+`"}`)
		w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", password))
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", fresh.str("access_token"), "")
	})
}

// TestSomebodySeesAndEndsHisSessions, and nobody else's.
func TestSomebodySeesAndEndsHisSessions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		here, there, other := w.token("bob"), w.token("bob"), w.token("nia")
		id := w.want(http.StatusOK, "GET", "/api/v1/auth/me", there, "").str("session_id")
		list := w.want(http.StatusOK, "GET", "/api/v1/auth/sessions?page_size=1&page=2", here, "")
		if list.num("total") != 2 || len(list.items()) != 1 || list.body["has_previous"] != true || list.body["has_next"] != false {
			t.Error(list)
		}
		w.want(http.StatusNotFound, "DELETE", "/api/v1/auth/sessions/"+id, other, "")
		w.want(http.StatusNotFound, "DELETE", "/api/v1/auth/sessions/none", here, "")
		w.want(http.StatusNoContent, "DELETE", "/api/v1/auth/sessions/"+id, here, "")
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", there, "")
		id = w.want(http.StatusOK, "GET", "/api/v1/auth/me", here, "").str("session_id")
		w.want(http.StatusNoContent, "DELETE", "/api/v1/auth/sessions/"+id, here, "")
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", here, "")
	})
}
