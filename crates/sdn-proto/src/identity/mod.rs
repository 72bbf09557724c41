//! Calls to the identity server, one file each.

crate::call::calls! {
    $ for_each_identity_call: identity
    accept_terms::AcceptTerms,
    bind::Bind,
    get_account::GetAccount,
    get_hash_details::GetHashDetails,
    get_public_key::GetPublicKey,
    get_status::GetStatus,
    get_terms::GetTerms,
    get_validated_3pid::GetValidated3pid,
    get_versions::GetVersions,
    is_ephemeral_key_valid::IsEphemeralKeyValid,
    is_key_valid::IsKeyValid,
    log_out::LogOut,
    lookup::Lookup,
    on_bind::OnBind,
    register::Register,
    request_email_token::RequestEmailToken,
    request_msisdn_token::RequestMsisdnToken,
    sign_invite::SignInvite,
    store_invite::StoreInvite,
    submit_email_token::SubmitEmailToken,
    submit_msisdn_token::SubmitMsisdnToken,
    unbind::Unbind,
}
