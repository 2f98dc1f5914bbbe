package mock_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"smp/client/mock"
)

// A mock for a test: start it, let the client use it as its proxy, close it.
func Example() {
	s, err := mock.Start(mock.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	answer := get(s, "create", "http://example.com/base64/aGVsbG8=")
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(body))
	fmt.Println("session", answer.Header.Get("X-Crawlera-Session"))
	// Output:
	// 200 hello
	// session 1873787
}

// get is the client under test, here net/http's.
func get(s *mock.Server, session, target string) *http.Response {
	proxy, _ := url.Parse(s.URL())
	proxy.User = url.UserPassword("test", "")
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
	request, _ := http.NewRequest("GET", target, nil)
	request.Header.Set("X-Crawlera-Session", session)
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

// A test asks for the verdict on a client's pacing.
func ExampleServer_Verdict() {
	s, err := mock.Start(mock.Config{TimeScale: 20})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	session := "create"
	for range 2 {
		answer := get(s, session, "http://example.com/in/haste")
		session = answer.Header.Get("X-Crawlera-Session")
		_ = answer.Body.Close()
	}
	for _, early := range s.Verdict().Violations {
		fmt.Println(early.Method, early.Target, "came early")
	}
	// Output: GET http://example.com/in/haste came early
}

// How does a client take a ban, once, and what did the mock see?
func ExampleServer_Arm() {
	s, err := mock.Start(mock.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	if err := s.Arm(mock.Fault{Name: "banned", Count: 1}); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		answer := get(s, "create", "http://example.com/ip")
		_ = answer.Body.Close()
		fmt.Println("the client got", answer.StatusCode)
	}
	_ = s.Close() // now every request is in the journal, as they ended
	for _, request := range s.Journal() {
		fmt.Printf("the mock sent %d %q\n", request.Status, request.Error)
	}
	// Unordered output:
	// the client got 503
	// the client got 200
	// the mock sent 503 "banned"
	// the mock sent 200 ""
}

// Sessions end half an hour after their last request.
func ExampleServer_Advance() {
	s, err := mock.Start(mock.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	answer := get(s, "create", "http://example.com/ip")
	_ = answer.Body.Close()
	s.Advance(31 * time.Minute)
	answer = get(s, answer.Header.Get("X-Crawlera-Session"), "http://example.com/ip")
	_ = answer.Body.Close()
	fmt.Println(answer.StatusCode, answer.Header.Get("X-Crawlera-Error"))
	// Output: 400 bad_session_id
}
