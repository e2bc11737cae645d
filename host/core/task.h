// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace syncline::core {

/// A callable that is owned by one place at a time: what std::function would be if it could hold
/// something that moves but does not copy.
template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
public:
    UniqueFunction() = default;

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, std::remove_cvref_t<F>&, Args...>)
    UniqueFunction(F&& callable)  // NOLINT(google-explicit-constructor): stands in for a lambda
        : body_(std::make_unique<Body<std::remove_cvref_t<F>>>(std::forward<F>(callable))) {}

    explicit operator bool() const { return body_ != nullptr; }

    R operator()(Args... args) { return body_->call(std::forward<Args>(args)...); }

private:
    struct Base {
        virtual ~Base() = default;
        virtual R call(Args... args) = 0;
    };

    template <class F>
    struct Body final : Base {
        template <class G>
        explicit Body(G&& callable) : callable_(std::forward<G>(callable)) {}
        R call(Args... args) override {
            if constexpr (std::is_void_v<R>) {
                static_cast<void>(callable_(std::forward<Args>(args)...));
            } else {
                return callable_(std::forward<Args>(args)...);
            }
        }
        F callable_;
    };

    std::unique_ptr<Base> body_;
};

using Task = UniqueFunction<void()>;

}  // namespace syncline::core
