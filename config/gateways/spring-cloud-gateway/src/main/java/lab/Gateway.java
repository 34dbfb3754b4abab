package lab;

import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/** Spring Cloud Gateway: the routes are in application.yaml, the rules about tokens in {@link Security}. */
@SpringBootApplication
public class Gateway {
    private static final String SUBJECT = "X-JWT-Sub";

    /** Spellings that some backends read as that header. */
    private static final Pattern SUBJECT_LIKE = Pattern.compile("x[^a-z0-9]jwt[^a-z0-9]sub", Pattern.CASE_INSENSITIVE);

    public static void main(String[] arguments) {
        SpringApplication.run(Gateway.class, arguments);
    }

    /** Only the gateway says who the caller is. */
    @Bean
    GlobalFilter subject() {
        return (exchange, chain) -> ReactiveSecurityContextHolder.getContext()
            .map(SecurityContext::getAuthentication)
            .ofType(JwtAuthenticationToken.class)
            .map(Authentication::getName)
            .map(List::of)
            .defaultIfEmpty(List.of())
            .flatMap(subjects -> chain.filter(exchange.mutate()
                .request(request -> request.headers(headers -> replace(headers, subjects)))
                .build()));
    }

    private static void replace(HttpHeaders headers, List<String> subjects) {
        headers.headerNames().stream().filter(SUBJECT_LIKE.asMatchPredicate()).toList().forEach(headers::remove);
        headers.addAll(SUBJECT, subjects);
        // What the Connection header names is taken away after this filter, and so would be the subject.
        headers.setConnection(
            headers.getConnection().stream().filter(SUBJECT_LIKE.asMatchPredicate().negate()).toList());
    }
}
