package lab;

import java.util.Objects;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.web.access.server.BearerTokenServerAccessDeniedHandler;
import org.springframework.security.oauth2.server.resource.web.server.BearerTokenServerAuthenticationEntryPoint;
import org.springframework.security.web.server.SecurityWebFilterChain;

/** Who gets in where, and what a token has to be: an OAuth 2.0 resource server by the reference of Spring Security. */
@Configuration(proxyBeanMethods = false)
class Security {
    private static final String REALM = "gateway";

    @Bean
    SecurityWebFilterChain rules(ServerHttpSecurity http) {
        BearerTokenServerAuthenticationEntryPoint unauthorized = new BearerTokenServerAuthenticationEntryPoint();
        unauthorized.setRealmName(REALM);
        BearerTokenServerAccessDeniedHandler forbidden = new BearerTokenServerAccessDeniedHandler();
        forbidden.setRealmName(REALM);
        return http
            .authorizeExchange(exchanges -> exchanges
                .pathMatchers("/v1/ping").permitAll()
                .pathMatchers("/v1/orders").hasAuthority("SCOPE_orders.read")
                .anyExchange().authenticated())
            .oauth2ResourceServer(server -> server
                .jwt(Customizer.withDefaults())
                // A challenge without a parameter is none (RFC 6750, section 3).
                .authenticationEntryPoint(unauthorized)
                .accessDeniedHandler(forbidden))
            // No cookie is ever a credential here, so no other site can use one.
            .csrf(ServerHttpSecurity.CsrfSpec::disable)
            .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
            .build();
    }

    /** The validator of RFC 9068 allows the clocks to differ by 60 seconds. It would pin one client; any will do here. */
    @Bean
    ReactiveJwtDecoder decoder(
            @Value("${gateway.jwk-set-uri}") String keySet,
            @Value("${gateway.issuer}") String issuer,
            @Value("${gateway.audience}") String audience) {
        NimbusReactiveJwtDecoder decoder = NimbusReactiveJwtDecoder.withJwkSetUri(keySet)
            .jwsAlgorithm(SignatureAlgorithm.RS256)
            .build();
        decoder.setJwtValidator(JwtValidators.createAtJwtValidator()
            .issuer(issuer)
            .audience(audience)
            .validators(claims -> claims.put("client_id", new JwtClaimValidator<>("client_id", Objects::nonNull)))
            .validators(claims -> claims.put("sub", new JwtClaimValidator<String>("sub", Security::isHeaderValue)))
            .build());
        return decoder;
    }

    /** The subject travels on as a header, where a control character could end it (RFC 9110, section 5.5). */
    private static boolean isHeaderValue(String subject) {
        return subject != null && subject.chars().noneMatch(Character::isISOControl);
    }
}
