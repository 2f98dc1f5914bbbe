package mock

import (
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

func TestLoginIsKnownAgain(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := w.client("test")
	client.Jar, client.CheckRedirect = jar, nil
	if got := readReply(client.Get("https://shop.example/account")); got.StatusCode != 401 {
		t.Errorf("before the log-in: %v %s", got.Response, got.body)
	}
	got := readReply(client.PostForm("https://shop.example/login", url.Values{"user": {"me & you"}, "pass": {"secret"}}))
	if got.StatusCode != 200 || got.body != `{"user":"me \u0026 you"}`+"\n" || got.Request.Method != "GET" {
		t.Errorf("the log-in leads to %v %s", got.Response, got.body)
	}
	if got := readReply(client.Get("https://other.example/account")); got.StatusCode != 401 {
		t.Errorf("another host: %v", got.Response)
	}
}

func TestLoginNeedsAUser(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, Config{})
	for _, form := range []string{"pass=secret", "user=", "user=" + strings.Repeat("x", 2*maxLogin)} {
		r := w.request("POST", "http://shop.example/login", strings.NewReader(form), "Content-Type: application/x-www-form-urlencoded")
		if got := w.do(t.Context(), r); got.StatusCode != 400 {
			t.Errorf("%.20s: %v", form, got.Response)
		}
	}
	if got := w.get("http://shop.example/login"); got.StatusCode != 200 || !strings.Contains(got.body, "/login") {
		t.Errorf("GET is answered as by /anything: %v", got.Response)
	}
}
