package mock

import (
	"bytes"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	pageHandler(FaultNames()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/_mock/", nil))
	page, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if strings.Contains(page, "{{") {
		t.Error("a part of the page is missing")
	}
	for _, tag := range []string{"style", "script"} {
		inline := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(inline) != 1 || !strings.Contains(policy, tag+"-src "+digest(inline[0][1])) {
			t.Errorf("the policy does not allow the one %s: %s", tag, policy)
		}
	}
	for _, want := range []string{"default-src 'none'", "require-trusted-types-for 'script'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("the policy allows too much: %s", policy)
	}
}

func TestPageIsOnlyRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method string
		status int
	}{{"HEAD", 200}, {"POST", 405}} {
		w := httptest.NewRecorder()
		pageHandler(FaultNames()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tc.method, "/_mock/", nil))
		if w.Code != tc.status {
			t.Errorf("%s: %d, want %d", tc.method, w.Code, tc.status)
		}
	}
}

// The page must neither load anything else nor make markup of what a server says.
func TestPageIsSelfContainedAndSafe(t *testing.T) {
	t.Parallel()
	page, _ := buildPage(FaultNames())
	for _, named := range []string{"http://www.w3.org/2000/svg", "https://shop.example/"} { // a name, and what one may type
		page = bytes.ReplaceAll(page, []byte(named), nil)
	}
	for _, pattern := range []string{
		`(?i)<(link|script|img|iframe)[^>]+(src|href)="[^d#]`, `@import`, `url\(`, `(?i)https?://`,
		`innerHTML`, `outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\b`, `new Function`, `localStorage`, `style="`, `\son[a-z]+="`,
	} {
		if found := regexp.MustCompile(pattern).Find(page); found != nil {
			t.Errorf("%s is in the page: %s", pattern, found)
		}
	}
}
